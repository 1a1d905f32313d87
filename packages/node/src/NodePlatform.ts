/**
 * Everything the credential sources need of Node.js, in one layer.
 *
 * @module
 * @since 0.1.0
 */
import type { BackgroundClock, SocketClient } from "@effect-alicloud/credentials/Platform"
import { HomeDirectory, LockOwner, UserId } from "@effect-alicloud/credentials/Platform"
import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Os from "node:os"
import * as lockOwner from "./internal/lockOwner.ts"
import * as NodeBackgroundClock from "./NodeBackgroundClock.ts"
import * as NodeHttp from "./NodeHttp.ts"

/**
 * The home directory of the operating system's user, `None` if it has none.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHomeDirectory: Layer.Layer<HomeDirectory> = Layer.sync(
  HomeDirectory,
  () => Option.filter(Option.liftThrowable(() => Os.homedir())(), (path) => path !== "")
)

/**
 * Marks lock files with this thread of this process, and detects which others of this host (and container) have ended, so
 * that the lock of a killed process is free at once, and on Linux that of a terminated worker, too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerLockOwner: Layer.Layer<LockOwner> = Layer.sync(LockOwner, lockOwner.make)

/**
 * The user of this process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerUserId: Layer.Layer<UserId> = Layer.sync(UserId, () => Option.fromNullable(process.getuid?.()))

/**
 * Files, paths, processes, the HTTP clients of `NodeHttp`, the clock of `NodeBackgroundClock`, the home directory, the owner
 * of lock files and the user.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  | FileSystem.FileSystem
  | Path.Path
  | CommandExecutor.CommandExecutor
  | HttpClient.HttpClient
  | BackgroundClock
  | HomeDirectory
  | LockOwner
  | SocketClient
  | UserId
> = Layer.mergeAll(
  Layer.provideMerge(NodeCommandExecutor.layer, NodeFileSystem.layer),
  NodePath.layer,
  NodeHttp.layer,
  NodeHttp.layerSocketClient,
  NodeBackgroundClock.layer,
  layerHomeDirectory,
  layerLockOwner,
  layerUserId
)
