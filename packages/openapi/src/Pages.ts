/**
 * Lists that come in pages, as streams: for any call that returns a page, of any client and style.
 *
 * @module
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * The parameters of a page by number, as RPC style APIs name them. The first page is 1.
 *
 * @since 0.1.0
 * @category models
 */
export interface NumberedPage {
  readonly PageNumber: number
  readonly PageSize: number
}

/**
 * How a numbered page is read.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface NumberedOptions<A, Item> {
  readonly items: (page: A) => ReadonlyArray<Item>
  /** How many items all pages have together: `TotalCount`. */
  readonly totalCount: (page: A) => number
  /** How many items to request per page. Default 50. */
  readonly pageSize?: number | undefined
}

/**
 * How a page with a token is read.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface TokenOptions<A, Item> {
  readonly items: (page: A) => ReadonlyArray<Item>
  /** The token of the next page; the last page has none, or an empty one. */
  readonly nextToken: (page: A) => string | null | undefined
}

/**
 * The items of all pages of an API with `PageNumber` and `TotalCount`. A page is requested when its first item is needed.
 * The stream ends after `totalCount` items, or after a page without any.
 *
 * @example
 * ```ts
 * import { OpenApi, Pages } from "@effect-alicloud/openapi"
 * import { Schema } from "effect"
 *
 * const Vpcs = Schema.Struct({
 *   TotalCount: Schema.Number,
 *   Vpcs: Schema.Struct({ Vpc: Schema.Array(Schema.Struct({ VpcId: Schema.String })) })
 * })
 *
 * const vpcs = Pages.byNumber(
 *   (page) => OpenApi.call("DescribeVpcs", { params: { RegionId: "cn-hangzhou", ...page }, schema: Vpcs }),
 *   { items: ({ Vpcs }) => Vpcs.Vpc, totalCount: ({ TotalCount }) => TotalCount }
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const byNumber = <A, E, R, Item>(
  read: (page: NumberedPage) => Effect.Effect<A, E, R>,
  options: NumberedOptions<A, Item>
): Stream.Stream<Item, E, R> =>
  Stream.paginateChunkEffect(
    { PageNumber: 1, seen: 0 },
    ({ PageNumber, seen }) =>
      Effect.map(read({ PageNumber, PageSize: options.pageSize ?? 50 }), (page) => {
        const items = options.items(page)
        const sum = seen + items.length
        const isLast = items.length === 0 || sum >= options.totalCount(page)
        return [
          Chunk.unsafeFromArray(items),
          isLast ? Option.none() : Option.some({ PageNumber: PageNumber + 1, seen: sum })
        ]
      })
  )

/**
 * The items of all pages of an API with `NextToken`, which is `undefined` for the first page. A page is requested when its
 * first item is needed. A token that is the same as the one before ends the stream, because its page would be the same.
 *
 * @example
 * ```ts
 * import { OpenApi, Pages } from "@effect-alicloud/openapi"
 * import { Schema } from "effect"
 *
 * const Instances = Schema.Struct({
 *   NextToken: Schema.optional(Schema.String),
 *   Instances: Schema.Struct({ Instance: Schema.Array(Schema.Struct({ InstanceId: Schema.String })) })
 * })
 *
 * const instances = Pages.byToken(
 *   (page) =>
 *     OpenApi.call("DescribeInstances", {
 *       params: { RegionId: "cn-hangzhou", MaxResults: 100, ...page },
 *       schema: Instances
 *     }),
 *   { items: ({ Instances }) => Instances.Instance, nextToken: ({ NextToken }) => NextToken }
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const byToken = <A, E, R, Item>(
  read: (page: { readonly NextToken: string | undefined }) => Effect.Effect<A, E, R>,
  options: TokenOptions<A, Item>
): Stream.Stream<Item, E, R> =>
  Stream.paginateChunkEffect(undefined as string | undefined, (NextToken) =>
    Effect.map(read({ NextToken }), (page) => {
      const next = options.nextToken(page) ?? ""
      return [
        Chunk.unsafeFromArray(options.items(page)),
        next === "" || next === NextToken ? Option.none() : Option.some(next)
      ]
    }))
