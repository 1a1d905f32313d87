/**
 * Loaded by `node --import` before a program, which `FakeAlicloudServer.nodeEnvironment` arranges: connections to the ports
 * 80 and 443 of other machines go to the fake cloud. Those to this machine and to other ports stay as they are.
 */
import { reroute } from "./reroute.js"

/** @type {Readonly<Record<number, number>>} */
const ports = {
  80: Number(process.env["FAKE_ALICLOUD_HTTP_PORT"]),
  443: Number(process.env["FAKE_ALICLOUD_HTTPS_PORT"])
}

/** @param {import("./reroute.js").Target} target */
const isHere = ({ host, path }) =>
  typeof path === "string" || host === undefined || host === null || /^(?:localhost|127\.[\d.]+|::1)$/i.test(host)

reroute((target) => {
  const port = isHere(target) ? undefined : ports[Number(target.port)]
  return port === undefined ? target : { ...target, host: "127.0.0.1", port }
})
