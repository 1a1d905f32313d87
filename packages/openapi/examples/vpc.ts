/** A product that has no module here: its own tag, typed calls, and all pages of a list as a stream. */
import { OpenApi, type OpenApiError, Pages } from "@effect-alicloud/openapi"
import { Context, Effect, Layer, Schema, Stream } from "effect"

export class Vpc extends Context.Tag("example/Vpc")<Vpc, OpenApi.Service>() {}

export const layer = (regionId: string) =>
  Layer.effect(Vpc, OpenApi.make({ product: "vpc", regionId, version: "2016-04-28" }))

const VpcPage = Schema.Struct({
  TotalCount: Schema.Number,
  Vpcs: Schema.Struct({
    Vpc: Schema.Array(Schema.Struct({ VpcId: Schema.String, CidrBlock: Schema.String }))
  })
})

/** Every VPC of a region that has this tag. */
export const vpcs = (
  regionId: string,
  tag: { readonly Key: string; readonly Value: string }
): Stream.Stream<{ readonly VpcId: string; readonly CidrBlock: string }, OpenApiError.OpenApiError, Vpc> =>
  Stream.unwrap(Effect.map(Vpc, ({ call }) =>
    Pages.byNumber(
      (page) => call("DescribeVpcs", { params: { RegionId: regionId, ...page, Tag: [tag] }, schema: VpcPage }),
      { items: ({ Vpcs }) => Vpcs.Vpc, totalCount: ({ TotalCount }) => TotalCount }
    )))

/** Creating is repeated only because a client token makes it harmless. */
export const createVpc = (regionId: string, clientToken: string) =>
  Effect.flatMap(Vpc, ({ call }) =>
    call("CreateVpc", {
      params: { RegionId: regionId, CidrBlock: "10.0.0.0/8", ClientToken: clientToken },
      idempotent: true,
      schema: Schema.Struct({ VpcId: Schema.String })
    }))
