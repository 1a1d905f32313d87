/**
 * A service for many tenants: `GET /tenants/<name>/vpcs` lists the networks in the account of a tenant, as a role that the
 * tenant has opened to this service.
 */
import { RamRoleArn } from "@effect-alicloud/credentials"
import { CallCredentials, OpenApi, type OpenApiError } from "@effect-alicloud/openapi"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Context, Effect, Layer, Schema } from "effect"

/** The role of each tenant, by the tenant's name. */
export class Tenants extends Context.Tag("example/Tenants")<Tenants, ReadonlyMap<string, RamRoleArn.Role>>() {}

export class UnknownTenant extends Schema.TaggedError<UnknownTenant>()(
  "UnknownTenant",
  { tenant: Schema.String },
  HttpApiSchema.annotations({ status: 404 })
) {}

/** The tenant's role does not let this service in, or may not list networks. The code is that of Alibaba Cloud. */
export class AccessClosed extends Schema.TaggedError<AccessClosed>()(
  "AccessClosed",
  { tenant: Schema.String, code: Schema.String },
  HttpApiSchema.annotations({ status: 403 })
) {}

/** Alibaba Cloud cannot be used at the moment. The log says why, the response does not. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  { tenant: Schema.String },
  HttpApiSchema.annotations({ status: 503 })
) {}

const Vpcs = Schema.Array(Schema.Struct({ VpcId: Schema.String, CidrBlock: Schema.String }))

const Api = HttpApi.make("networks").add(
  HttpApiGroup.make("vpcs").add(
    HttpApiEndpoint.get("list", "/tenants/:tenant/vpcs")
      .setPath(Schema.Struct({ tenant: Schema.String }))
      .addSuccess(Vpcs)
      .addError(UnknownTenant)
      .addError(AccessClosed)
      .addError(Unavailable)
  )
)

const describeVpcs = OpenApi.call("DescribeVpcs", {
  params: { RegionId: "cn-hangzhou" },
  schema: Schema.Struct({ Vpcs: Schema.Struct({ Vpc: Vpcs }) })
})

const refusal = (tenant: string, error: OpenApiError.OpenApiError): AccessClosed | Unavailable =>
  (error._tag === "SourceFailed" && error.reason === "Denied") || (error._tag === "ApiError" && error.status === 403)
    ? new AccessClosed({ tenant, code: error.code ?? "Forbidden" })
    : new Unavailable({ tenant })

const vpcsOf = Effect.fn("vpcsOf")(function*(tenant: string) {
  const role = (yield* Tenants).get(tenant)
  if (role === undefined) return yield* new UnknownTenant({ tenant })
  const roles = yield* RamRoleArn.RamRoleArns
  const { Vpcs } = yield* CallCredentials.provide(describeVpcs, roles.provider(role)).pipe(
    Effect.tapError((error) => Effect.logWarning(`${tenant}: ${error.message}`)),
    Effect.mapError((error) => refusal(tenant, error))
  )
  return Vpcs.Vpc
})

const vpcs = HttpApiBuilder.group(
  Api,
  "vpcs",
  (handlers) => handlers.handle("list", ({ path }) => vpcsOf(path.tenant))
)

/** Needs the tenants, an `HttpClient`, and the credentials of the service itself, which assume the roles. */
export const layer = HttpApiBuilder.api(Api).pipe(
  Layer.provide(vpcs),
  Layer.provide(RamRoleArn.layerMany({ capacity: 1000 })),
  Layer.provide(OpenApi.layer({ product: "vpc", regionId: "cn-hangzhou", version: "2016-04-28" }))
)
