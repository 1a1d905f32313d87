/** Numbers from a seed, the same each time: mulberry32. */
const randomFrom = (seed: number): () => number => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI", "get", "G\0T", ""]

const versions = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1 ", "http/1.1", "", "HTTP/1.1\0"]

const values = [
  "0",
  "-1",
  "1",
  "5",
  "99999999999999999999",
  "chunked",
  "gzip, chunked",
  "close",
  "x, y",
  "",
  "\u00ff",
  "\0",
  "21600"
]

/** Requests by no means made by chance alone: most are right but for one thing or some. */
export const makeNoise = (options: {
  readonly seed: number
  readonly host: string
  /** Paths of which changed ones are asked for. */
  readonly paths: ReadonlyArray<string>
}): () => Uint8Array => {
  const random = randomFrom(options.seed)
  const below = (end: number): number => Math.floor(random() * end)
  const pick = <A>(all: ReadonlyArray<A>): A => all[below(all.length)]!
  const chance = (part: number): boolean => random() < part
  const bytes = (longest: number): Uint8Array => Uint8Array.from({ length: below(longest) }, () => below(256))

  /** A path with one character changed, or more, or one trick added. Never the same. */
  const path = (): string => {
    const right = pick(options.paths)
    const at = 1 + below(right.length - 1)
    const before = right.slice(0, at)
    const after = right.slice(at + 1)
    return pick([
      () => `${before}${right[at] === "~" ? "A" : "~"}${after}`,
      () => `${before}${after}`,
      () => `${before}%${below(256).toString(16)}${after}`,
      () => `${before}/../${after}`,
      () => `${before}//${after}`,
      () => `/.${right}`,
      () => `${right}?${below(1000)}`,
      () => `${right}/`,
      () => `http://${options.host}${before}`,
      () => "/".repeat(1 + below(9000)),
      () => `/${below(1e9).toString(36)}`
    ])()
  }

  const headers = (): string => {
    const lines = chance(0.9) ? [`Host: ${options.host}`] : [`Host: ${below(1e9).toString(36)}.example`]
    while (chance(0.6)) {
      const name = pick([
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Expect",
        "Upgrade",
        "Host",
        "Authorization",
        "X-Forwarded-For",
        "X-aliyun-ecs-metadata-token",
        "X-aliyun-ecs-metadata-token-ttl-seconds",
        "Bad Name",
        "",
        "x".repeat(below(2000))
      ])
      lines.push(`${name}: ${pick(values)}${"y".repeat(below(20))}`)
    }
    return lines.map((line) => `${line}${chance(0.98) ? "\r\n" : "\n"}`).join("")
  }

  return () => {
    if (chance(0.1)) {
      return bytes(2000)
    }
    const text = `${chance(0.6) ? "GET" : pick(methods)} ${path()} ${
      chance(0.9) ? "HTTP/1.1" : pick(versions)
    }\r\n${headers()}\r\n`
    const whole = Buffer.concat([Buffer.from(text, "latin1"), chance(0.2) ? bytes(200) : new Uint8Array()])
    return chance(0.1) ? whole.subarray(0, below(whole.length)) : whole
  }
}
