import Bytes
import Clocks
import Policy
import Settings
import Store

/// A column of raw rows. `all` is the one list for JSON lines, CSV and a single row.
struct RowColumn: Sendable {
    let name: String
    /// The meaning, for the documentation.
    let meaning: String
    /// The value; null for a row without one.
    let value: @Sendable (UsageRecord, Context) -> JSONText

    /// What rows do not have themselves.
    struct Context: Sendable {
        let keyNames: [String: String]
        let energy: EnergyTable
        /// The clocks that times are of. Programs get them in UTC.
        let time: TimeText
    }

    private init(_ name: String, _ meaning: String, _ value: @escaping @Sendable (UsageRecord, Context) -> JSONText) {
        self.name = name
        self.meaning = meaning
        self.value = value
    }

    /// All columns, in their order. Scripts read them: only append.
    static let all: [RowColumn] =
        [
            RowColumn("request_id", "the gateway's id, sent as `x-request-id`") { row, _ in .string("\(row.id)") },
            RowColumn("upstream_id", "the upstream's id; of a batch's rows the batch's") { row, _ in
                .optional(row.upstreamID)
            },
            RowColumn("started_at", "the time at which the request's head was complete, in UTC") { row, context in
                .string(context.time.millisecond(row.startedAt))
            },
            RowColumn("ended_at", "the end of the request, in UTC") { row, context in
                .string(context.time.millisecond(row.endedAt))
            },
            RowColumn("first_byte_ms", "milliseconds until the upstream's first byte") { row, _ in
                row.firstByteAt.map { milliseconds($0, since: row.startedAt) } ?? .null
            },
            RowColumn("duration_ms", "milliseconds from start to end") { row, _ in
                milliseconds(row.endedAt, since: row.startedAt)
            },
            RowColumn("key", "the public id of the key") { row, _ in .string(row.keyID) },
            RowColumn("key_name", "the name of the key now") { row, context in
                .optional(context.keyNames[row.keyID])
            },
            RowColumn("team", "the key's team at that time") { row, _ in .optional(row.team) },
            RowColumn("user", "the user that the client named") { row, _ in .optional(row.user) },
            RowColumn("tags", "the client's tags, in CSV separated by commas") { row, _ in
                .array(row.tags.map(JSONText.string))
            },
            RowColumn("endpoint", "the endpoint, as `chat/completions`") { row, _ in .string(row.endpoint) },
            RowColumn("model", "the model that answered, or was asked where none did") { row, _ in
                .optional(row.modelServed ?? row.modelAsked)
            },
            RowColumn("model_asked", "the model as the client named it") { row, _ in .optional(row.modelAsked) },
            RowColumn("backend", "the upstream's `backend`") { row, _ in .optional(row.backend) },
            RowColumn("status", "the HTTP status that the client got; 499 where it left before") { row, _ in
                .integer(Int64(row.status))
            },
            RowColumn("ending", "how the request ended, as `complete`") { row, _ in .string(row.ending.rawValue) },
            RowColumn("streamed", "whether the client asked for a stream") { row, _ in .boolean(row.streamed) },
            RowColumn("exactness", "`exact`: the upstream's numbers; `estimated` or `interrupted`: the gateway's") {
                row, _ in .string(row.exactness.rawValue)
            },
        ]
        + Unit.allCases.map { unit in
            RowColumn(unit.member, "billed \(unit.member.replacing("_", with: " "))") { row, _ in
                .integer(row.units[unit])
            }
        } + [
            RowColumn("cost_eur", "the price, as a decimal string") { row, _ in .string(row.cost.decimal) },
            RowColumn("energy_kwh", "the energy of the tokens") { row, context in
                let tokens = row.units.inputTokens.addingSaturated(row.units.outputTokens)
                let energy = context.energy.milliwattHours(model: row.modelServed ?? row.modelAsked, tokens: tokens)
                return .number(DecimalText.text(energy, places: 6))
            },
            RowColumn("request_bytes", "bytes of the request's body") { row, _ in .integer(row.requestBytes) },
            RowColumn("response_bytes", "bytes of the response's body sent") { row, _ in
                .integer(row.responseBytes)
            },
            RowColumn("cause", "the cause of a failure, as `config/events.md` lists them") { row, _ in
                .optional(row.cause?.rawValue)
            },
            RowColumn("limit", "the limit that refused the request, as `key:tokens_per_minute`") { row, _ in
                .optional(row.refusedBy?.description)
            },
        ]

    /// A row as an object of all columns.
    static func json(_ row: UsageRecord, _ context: Context) -> JSONText {
        .object(all.map { ($0.name, $0.value(row, context)) })
    }

    private static func milliseconds(_ moment: Timestamp, since start: Timestamp) -> JSONText {
        let microseconds = max(0, moment.microseconds.subtractingSaturated(start.microseconds))
        return .number(DecimalText.text(microseconds, places: 3))
    }
}

extension RowColumn.Context {
    /// The context of the rows of `ledger`. Blocks.
    init(_ ledger: UsageRows, _ configuration: Configuration, time: TimeText = .utc) throws(LedgerError) {
        self.init(keyNames: try ledger.keyNames(), energy: configuration.policies.energy, time: time)
    }
}
