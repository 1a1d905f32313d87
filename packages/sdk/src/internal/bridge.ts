/** The object behind `AlicloudCredential`: the methods of the official `Credential`. */
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Service } from "../AlicloudCredential.ts"
import type { Reader } from "./reader.ts"
import * as reader from "./reader.ts"
import type { Snapshot } from "./snapshot.ts"
import { ofCredentials } from "./snapshot.ts"

/** The methods of the official `Credential`. Only `getCredential` runs for every request. */
class Bridge {
  readonly #reader: Reader<Snapshot>
  readonly #initialType: string

  constructor(reader: Reader<Snapshot>, initialType: string) {
    this.#reader = reader
    this.#initialType = initialType
  }

  /** The official class keeps its inner credential here. */
  get credential(): this {
    return this
  }

  getCredential(): Promise<Snapshot> {
    return this.#reader.read()
  }

  async getAccessKeyId(): Promise<string> {
    return (await this.#reader.readInTurn()).accessKeyId
  }

  async getAccessKeySecret(): Promise<string> {
    return (await this.#reader.readInTurn()).accessKeySecret
  }

  async getSecurityToken(): Promise<string> {
    return (await this.#reader.readInTurn()).securityToken ?? ""
  }

  getBearerToken(): string {
    return this.#reader.currentInTurn()?.bearerToken ?? ""
  }

  getType(): string {
    return this.#reader.currentInTurn()?.type ?? this.#initialType
  }

  retryOnRejected<A>(run: () => PromiseLike<A>): Promise<A> {
    return this.#reader.retryOnRejected(run)
  }
}

/**
 * The only cast to the type of the official class: a class with a private member accepts only its own instances,
 * regardless of the methods.
 */
export const make = (
  provider: CredentialsProvider.Service,
  initialType: string
): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.map(reader.make(provider, ofCredentials), (reader) => new Bridge(reader, initialType) as unknown as Service)
