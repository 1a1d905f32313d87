/** The certificate authority and certificates of `FakeAlicloudServer`. */
import * as Effect from "effect/Effect"

/** A certificate and its private key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority whose private key never leaves memory. */
export interface Authority {
  readonly pem: string
  readonly issue: (names: ReadonlyArray<string>, addresses: ReadonlyArray<string>) => Effect.Effect<Certificate>
}

const common = { keyType: "ec", algorithm: "sha256" } as const

export const makeAuthority: Effect.Effect<Authority> = Effect.promise(async () => {
  const { default: { generate } } = await import("selfsigned")
  const ca = await generate([{ name: "commonName", value: "Fake Alibaba Cloud, for tests" }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true }
    ]
  })
  return {
    pem: ca.cert,
    issue: (names, addresses) =>
      Effect.promise(async () => {
        const leaf = await generate([{ name: "commonName", value: "Fake Alibaba Cloud server" }], {
          ...common,
          ca: { key: ca.private, cert: ca.cert },
          extensions: [
            { name: "basicConstraints", cA: false, critical: true },
            { name: "keyUsage", digitalSignature: true, critical: true },
            { name: "extKeyUsage", serverAuth: true },
            {
              name: "subjectAltName",
              altNames: [
                ...names.map((value) => ({ type: 2 as const, value })),
                ...addresses.map((ip) => ({ type: 7 as const, ip }))
              ]
            }
          ]
        })
        return { cert: leaf.cert, key: leaf.private }
      })
  }
})
