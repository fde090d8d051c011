import Admin
import HTTPServer
import Store

/// `/admin/v1/audit`: what `propylon audit` shows.
extension AdminServices {
    var auditRoutes: [AdminRoute] {
        let entry = AdminSchema.object([
            .init("number", .integer(0...Int64.max), "The place in the log.", required: true),
            .init("at", .text(), "The time.", required: true),
            .init("by", .text(), "The token's name, or local:USER.", required: true),
            .init("from", .text(), "The client's address, or cli.", required: true),
            .init("action", .text(), "The change, as key.update.", required: true),
            .init("key", .optional(.text()), "The id of the key.", required: true),
            .init("key_name", .optional(.text()), "The name of the key after the change.", required: true),
            .init("before", .table(names: nil, Self.member), "The changed members before.", required: true),
            .init("after", .table(names: nil, Self.member), "The changed members after.", required: true),
        ])
        let page = AdminSchema.object([
            .init("entries", .list(entry, atMost: 1000), "The entries, the newest first.", required: true),
            .init("next_cursor", .optional(.text()), "The cursor of the next page; null at the end.", required: true),
        ])
        let parameters: [AdminOperation.Parameter] = [
            .init("cursor", .integer(0...Int64.max), "The `next_cursor` of the page before."),
            .init("limit", .integer(1...1000), "The most entries of a page; default: 100."),
            .init("since", .text(1...40), "Start: a duration before now, hour, day or month, a date or a time."),
            .init("key", .text(1...200), "Only changes of this key: its id or name."),
        ]
        return [
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/audit", needs: .read, "listAudit", "Changes: who, what, when and from where.",
                    query: parameters, .init("A page of the log.", page)), .blocking(.look, listAudit))
        ]
    }

    private static let member = AdminSchema.either([
        .text(), .null, .list(.text(), atMost: 10_000), .table(names: nil, .text()),
    ])

    @Sendable private func listAudit(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let limit = request.integer("limit") ?? 100
        let since = try request.query["since"].map { text throws(AdminProblem) in try past(text, "since") }
        let key = try request.query["key"].map { key throws(AdminProblem) in
            try reading(request) { keys throws(KeyProblem) in try keys.find(key).id }
        }
        let entries: [AuditEntry]
        do throws(LedgerError) {
            entries = try storage.database.audit(
                after: request.query["cursor"].flatMap { Int64($0) }, since: since, ofKey: key, limit: limit + 1)
        } catch { throw AdminProblem(error) }
        let shown = entries.prefix(limit)
        let next = entries.count > limit ? shown.last.map { String($0.number) } : nil
        let text = AuditText(timeText)
        return .json(
            JSONText.object([("entries", .array(shown.map(text.json))), ("next_cursor", .optional(next))]))
    }
}
