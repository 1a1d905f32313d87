import * as Net from "node:net"

/** Where a connection goes. */
export interface Target {
  readonly host?: string | null
  readonly port?: number | string
  /** Of a socket on this machine; HTTP agents say `null`. */
  readonly path?: string | null
}

type Connect = (this: Net.Socket, ...args: ReadonlyArray<unknown>) => Net.Socket

/** Changes where every connection of this process goes. Used by the modules that tests load into child processes. */
export const reroute = (change: (target: Target) => Target): void => {
  const connect = Net.Socket.prototype.connect as Connect
  const rerouted = (target: unknown): unknown =>
    typeof target === "object" && target !== null ? change(target as Target) : target

  const connectElsewhere: Connect = function(...args) {
    const [first, ...rest] = args
    // `net.connect` hands on its arguments in an array that it marks.
    const target = Array.isArray(first) ? Object.assign([], first, { 0: rerouted(first[0]) }) : rerouted(first)
    return connect.call(this, target, ...rest)
  }

  Object.assign(Net.Socket.prototype, { connect: connectElsewhere })
}
