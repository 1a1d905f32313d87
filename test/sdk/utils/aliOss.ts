/** `ali-oss` with its types, which are installed here. */
export { default as OSS } from "ali-oss"
