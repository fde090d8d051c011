import Gateway

/// The requests in flight, as `/admin/v1/requests` and `propylon requests` show them.
package struct RequestsReport: Codable, Equatable, Sendable {
    /// One request.
    package struct Request: Codable, Equatable, Sendable {
        /// The gateway's id, `x-request-id`.
        package var id: String
        /// Where it is.
        package var state: RequestState
        /// The moment at which its head was complete, in UTC.
        package var startedAt: String
        /// The time since then.
        package var ageSeconds: Double
        /// The public id of the key; nil before it is known.
        package var key: String?
        package var keyName: String?
        package var team: String?
        package var user: String?
        /// The model that it goes to; nil where none is known yet.
        package var model: String?
        package var endpoint: String?
        /// Tokens of the input, an estimate until the upstream states them; nil before it may go upstream.
        package var promptTokens: Int64?
        /// Tokens of the output so far, an estimate too.
        package var completionTokens: Int64?
        /// Tokens of the output a second, from the first byte on; nil without output.
        package var tokensPerSecond: Double?
        /// What it costs so far, in EUR.
        package var costEUR: String?

        private enum CodingKeys: String, CodingKey {
            case id, state, key, team, user, model, endpoint
            case startedAt = "started_at"
            case ageSeconds = "age_seconds"
            case keyName = "key_name"
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
            case tokensPerSecond = "tokens_per_second"
            case costEUR = "cost_eur"
        }

        /// A request that is known by its head alone.
        package init(id: String, state: RequestState, startedAt: String, ageSeconds: Double) {
            self.id = id
            self.state = state
            self.startedAt = startedAt
            self.ageSeconds = ageSeconds
        }

        /// The end of the id, which tells requests in flight apart, for tables.
        package var shortID: String { String(id.suffix(12)) }
    }

    /// The requests, the oldest first.
    package var requests: [Request]

    /// A report of `requests`.
    package init(requests: [Request]) { self.requests = requests }
}

extension RequestsReport {
    /// The report as JSON.
    package var json: [UInt8] { ReportJSON.bytes(self) }

    /// The form of a report, for `openapi.json`.
    package static let schema = AdminSchema.object([
        .init("requests", .list(Request.schema), "The requests, the oldest first.", required: true)
    ])
}

extension RequestsReport.Request {
    /// The request as JSON.
    package var json: [UInt8] { ReportJSON.bytes(self) }

    /// The form of a request, for `openapi.json`.
    package static let schema = AdminSchema.object([
        .init("id", .text(), "The id, as in `x-request-id`.", required: true),
        .init("state", .choice(RequestState.allCases.map(\.rawValue)), "Where it is.", required: true),
        .init("started_at", .text(), "The start, in UTC.", required: true),
        .init("age_seconds", .number, "The time since then.", required: true),
        .init("key", .text(), "The public id of the key."),
        .init("key_name", .text(), "The name of the key."),
        .init("team", .text(), "The key's team."),
        .init("user", .text(), "The user that the client names."),
        .init("model", .text(), "The model that it goes to."),
        .init("endpoint", .text(), "The endpoint, as chat/completions."),
        .init("prompt_tokens", .integer(0...Int64.max), "Tokens of the input, an estimate until they are stated."),
        .init("completion_tokens", .integer(0...Int64.max), "Tokens of the output so far, an estimate."),
        .init("tokens_per_second", .number, "Tokens of the output a second, from the first byte on."),
        .init("cost_eur", .text(), "The cost so far."),
    ])
}
