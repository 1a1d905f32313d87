/**
 * The logins in the fake cloud: OAuth and CloudSSO, as part of `WorldInput`.
 *
 * @module
 * @since 0.1.0
 */

/**
 * A login with a browser. Every refresh replaces the refresh token; one that is used twice revokes all tokens of its login,
 * but not the sessions. A login lives on as long as it is declared with the same `refreshToken`.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthLogin {
  /** Where the login is: `CN` is aliyun.com, `INTL` alibabacloud.com. Default `CN`. */
  readonly site?: "CN" | "INTL" | undefined
  /** Whose sessions are handed out; need not be one of `users`. Default `developer`. */
  readonly userName?: string | undefined
  /** Of the user. Default `1234567890123456`. */
  readonly accountId?: string | undefined
  /** The first one. */
  readonly refreshToken: string
  /** When the login ends, whatever its refresh token is by then: ISO 8601, default never. */
  readonly refreshTokenExpiresAt?: string | undefined
  /** An access token that exists from the start, default none. */
  readonly accessToken?: string | undefined
  /** When `accessToken` ends: ISO 8601, default never. */
  readonly accessTokenExpiresAt?: string | undefined
  /** How long fetched access tokens live, default 3600. */
  readonly accessTokenSeconds?: number | undefined
  /** How long sessions live, default 3600. */
  readonly sessionSeconds?: number | undefined
  /** Whether answers leave the lifetime of access tokens out, default false. */
  readonly omitExpiresIn?: boolean | undefined
}

/**
 * The user who is signed in to an OAuth site in the browser: its sign-in page sends the browser back at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthUser {
  /** `CN` is aliyun.com, `INTL` alibabacloud.com. Default `CN`. */
  readonly site?: "CN" | "INTL" | undefined
  /** Whose sessions are handed out; need not be one of `users`. Default `developer`. */
  readonly userName?: string | undefined
  /** Of the user. Default `1234567890123456`. */
  readonly accountId?: string | undefined
  /** Whether the user refuses every login, default false. */
  readonly denies?: boolean | undefined
  /** How long access tokens live, default 3600. */
  readonly accessTokenSeconds?: number | undefined
  /** How long sessions live, default 3600. */
  readonly sessionSeconds?: number | undefined
}

/**
 * What a CloudSSO user may use: an access configuration in an account.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoGrant {
  /** Default `1234567890123456`. */
  readonly accountId?: string | undefined
  /** Default the id. */
  readonly accountName?: string | undefined
  readonly accessConfigurationId: string
  /** Default the id. */
  readonly accessConfigurationName?: string | undefined
  /** How long sessions live, default 3600. */
  readonly sessionSeconds?: number | undefined
}

/**
 * A CloudSSO login that exists from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoLogin {
  readonly accessToken: string
  /** When the access token ends: ISO 8601, default never. */
  readonly expiresAt?: string | undefined
  /** Names the sessions. Default `developer`. */
  readonly userName?: string | undefined
  /** Default none. */
  readonly grants?: ReadonlyArray<CloudSsoGrant> | undefined
}

/**
 * The user who is signed in to a CloudSSO portal in the browser.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoUser {
  /** Names the sessions. Default `developer`. */
  readonly userName?: string | undefined
  /** Whether the user refuses every login, default false. */
  readonly denies?: boolean | undefined
  /** How long access tokens live, default 28800. */
  readonly accessTokenSeconds?: number | undefined
  /** Default none. */
  readonly grants?: ReadonlyArray<CloudSsoGrant> | undefined
}

/**
 * A CloudSSO sign-in address and its logins. Its sessions are those of the role
 * `AliyunReservedSSO-<accessConfigurationId>` of the account.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSsoSite {
  /** Host of the sign-in URL, with or without port. */
  readonly host: string
  /** Default none. */
  readonly logins?: ReadonlyArray<CloudSsoLogin> | undefined
  /** Confirms the code of every page that is opened. Default: nobody is signed in. */
  readonly user?: CloudSsoUser | undefined
  /** How long programs must wait between two questions whether a code was confirmed, default 5. */
  readonly pollSeconds?: number | undefined
}
