/**
 * Changes where the connections of this process go, for `preload.js` and for tests. JavaScript, because Node.js loads it
 * as it is, with or without a loader for TypeScript.
 */
import * as Net from "node:net"

/**
 * Where a connection goes.
 *
 * @typedef {object} Target
 * @property {string | null} [host]
 * @property {number | string} [port]
 * @property {string | null} [path] Of a socket on this machine; HTTP agents say `null`.
 */

/** @typedef {(this: Net.Socket, ...args: ReadonlyArray<unknown>) => Net.Socket} Connect */

/**
 * Applies to every socket from now on. The last change is the first one to see a target.
 *
 * @param {(target: Target) => Target} change
 * @returns {void}
 */
export const reroute = (change) => {
  const connect = /** @type {Connect} */ (Net.Socket.prototype.connect)

  /** @param {unknown} target */
  const rerouted = (target) =>
    typeof target === "object" && target !== null ? change(/** @type {Target} */ (target)) : target

  /** @type {Connect} */
  const connectElsewhere = function(first, ...rest) {
    // `net.connect` hands on its arguments in an array that it marks.
    const target = Array.isArray(first) ? Object.assign([], first, { 0: rerouted(first[0]) }) : rerouted(first)
    return connect.call(this, target, ...rest)
  }

  Object.assign(Net.Socket.prototype, { connect: connectElsewhere })
}
