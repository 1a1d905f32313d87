/**
 * Which hosts are this machine itself, so that plain HTTP to them does not leave it. Used by the sources that take an
 * address, by `@effect-alicloud/node`, `@effect-alicloud/openapi`, `@effect-alicloud/testing` and the command line tool.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`

const v4 = String.raw`127(?:\.${octet}){3}`

const v6 = `(?:::1|(?:0{1,4}:){7}0{0,3}1|::ffff:(?:${v4}|7f[0-9a-f]{2}:[0-9a-f]{1,4}))`

const pattern = new RegExp(String.raw`^(?:(?:localhost|${v4}|\[${v6}\])(?::\d{1,5})?|${v6})$`, "i")

/**
 * Whether a host is this machine itself: `localhost`, `127.0.0.0/8` or `::1`. With or without a port, an address of IPv6
 * with or without brackets.
 *
 * @since 0.1.0
 * @category guards
 */
export const isLoopback = (host: string): boolean => pattern.test(host)
