import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { demo } from "./Demo.ts"

NodeRuntime.runMain(demo, { disablePrettyLogger: true })
