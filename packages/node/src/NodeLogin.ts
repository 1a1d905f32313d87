/**
 * What `OAuthLogin` and `CloudSsoLogin` need of Node.js: the browser of the user, and a listener on this machine for the
 * browser that comes back.
 *
 * @module
 * @since 0.1.0
 */
import { Browser, Callback } from "@effect-alicloud/credentials/LoginServices"
import * as Layer from "effect/Layer"
import * as browser from "./internal/browser.ts"
import * as callback from "./internal/callback.ts"

/**
 * Opens addresses with `open` on macOS, `rundll32` on Windows and in its subsystem for Linux, and `xdg-open` elsewhere. No
 * shell is involved, and nothing is written to the terminal. Without a display there is no browser. A program that has not
 * ended after 3 seconds is the browser itself, which goes on.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerBrowser: Layer.Layer<Browser> = Layer.succeed(Browser, { open: browser.open })

/**
 * Listens on 127.0.0.1. One request is accepted; any but a browser's own GET of the path at this very address is refused,
 * as are those with a body. The browser gets a small page in English and Chinese that loads nothing.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerCallback: Layer.Layer<Callback> = Layer.succeed(Callback, { listen: callback.listen })

/**
 * Both.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Browser | Callback> = Layer.merge(layerBrowser, layerCallback)
