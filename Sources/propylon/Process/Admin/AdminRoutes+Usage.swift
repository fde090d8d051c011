import Admin
import Clocks
import HTTPServer
import Policy
import Settings
import Store

/// `/admin/v1/usage`, `/admin/v1/usage/focus` and `/admin/v1/rows`: what `propylon usage` shows, also with `--format focus`, and
/// `propylon usage export`, with the same parameters.
extension AdminServices {
    var usageRoutes: [AdminRoute] {
        let selection: [AdminOperation.Parameter] = [
            .init("since", .text(1...40), "Start, included: as `propylon usage --since`."),
            .init("until", .text(1...40), "End, not included."),
            .init("where", .text(1...4000), "Conditions, as key=alice,status=200."),
        ]
        let report: [AdminOperation.Parameter] = [
            .init("by", .text(1...200), "Groups, separated by commas: \(GroupingList.names). Default: key."),
            .init("sort", .choice(UsageOrder.allCases.map(\.rawValue)), "Order of the rows."),
            .init("top", .integer(1...1_000_000), "The most rows."),
            .init("speed", .boolean, "Also percentiles of how fast the requests were: as `propylon usage --speed`."),
        ]
        return [
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/usage", needs: .read, "getUsage", "Requests, tokens, cost and energy.",
                    query: report + selection, .init("The rows of the report.", .list(.table(names: nil, .any)))),
                .blocking(.report, showUsage)),
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/usage/focus", needs: .read, "getCharges",
                    "Charges in the columns of FOCUS \(FocusColumn.version), as `propylon usage --format focus`.",
                    query: [.init("by", .choice(["day", "hour"]), "The periods of the charges. Default: day.")]
                        + selection, .init("The charges, with a line of titles.", type: "text/csv")),
                .stream(streamCharges)),
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/rows", needs: .read, "getRows", "Raw rows, one a request, as JSON lines.",
                    query: selection, .init("The rows.", type: "application/jsonl")), .stream(streamRows)),
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/rows/{id}", needs: .read, "getRow",
                    "The rows of one request by its id, the gateway's or the upstream's, as `propylon usage request`.",
                    .init("The rows, nearly always one.", .list(.table(names: nil, .any)))), .blocking(.report, showRow)
            ),
        ]
    }

    /// The requests that a query selects.
    private struct Selection {
        let since: Timestamp?
        let until: Timestamp?
        let filter: UsageFilter
    }

    private func selection(_ request: AdminRequest) throws(AdminProblem) -> Selection {
        var filter = UsageFilter()
        if let text = request.query["where"] {
            guard let conditions = UsageConditions(argument: text) else {
                let names = UsageFilter.groupings.map(\.rawValue).joined(separator: ", ")
                throw .invalid("write conditions as key=alice,status=200; names: \(names)", param: "where")
            }
            filter = conditions.filter
        }
        var since: Timestamp?
        var until: Timestamp?
        if let text = request.query["since"] { since = try past(text, "since") }
        if let text = request.query["until"] { until = try past(text, "until") }
        return Selection(since: since, until: until, filter: filter)
    }

    @Sendable private func showUsage(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        guard let by = GroupingList(argument: request.query["by"] ?? UsageGrouping.key.rawValue) else {
            throw .invalid("there are \(GroupingList.names)", param: "by")
        }
        let selection = try selection(request)
        let configuration = running.current
        var question = UsageReport.Question(
            by: by.groupings, since: selection.since, until: selection.until, where: selection.filter,
            timeZone: configuration.timeZone, energy: configuration.policies.energy)
        question.hasSpeeds = request.query["speed"] == "true"
        question.order = request.query["sort"].flatMap { UsageOrder(rawValue: $0) } ?? .usual(by: by.groupings)
        question.limit = request.integer("top")
        let usage: RankedUsage
        do throws(LedgerError) { usage = try UsageReport(storage.database).ranked(question) } catch {
            throw AdminProblem(error)
        }
        let text = UsageText(groupings: by.groupings, usage, withSpeeds: question.hasSpeeds)
        return .json(Array(text.text(.json).utf8))
    }

    @Sendable private func showRow(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let id = request.path["id"] ?? ""
        let rows: [JSONText]
        do throws(LedgerError) {
            let ledger = UsageRows(storage.database)
            let values = try RowColumn.Context(ledger, running.current)
            rows = try ledger.rows(withID: id).map { RowColumn.json($0, values) }
        } catch { throw AdminProblem(error) }
        guard !rows.isEmpty else {
            throw AdminProblem(404, "not_found", "the ledger has no request \"\(id)\"", param: "id")
        }
        return .json(JSONText.array(rows))
    }

    @Sendable private func streamRows(_ request: AdminRequest, _ exchange: ServerExchange) async throws(ExchangeError) {
        let rows = UsageRows(storage.database, slice: 500)
        try await SlicedResponse(
            work: .report, fields: [("content-type", "application/jsonl")],
            begin: { [self] () throws(AdminProblem) in try beginRows(rows, try selection(request)) },
            next: { state throws(LedgerError) in
                try rows.next(&state.place).map { records in
                    Array(records.map { RowColumn.json($0, state.values).line + "\n" }.joined().utf8)
                }
            }
        ).send(over: exchange)
    }

    private func beginRows(
        _ rows: UsageRows, _ selection: Selection
    ) throws(AdminProblem) -> (place: UsageRows.Place, values: RowColumn.Context) {
        do throws(LedgerError) {
            return (
                try rows.begin(since: selection.since, until: selection.until, where: selection.filter),
                try RowColumn.Context(rows, running.current)
            )
        } catch { throw AdminProblem(error) }
    }

    @Sendable private func streamCharges(
        _ request: AdminRequest, _ exchange: ServerExchange
    ) async throws(ExchangeError) {
        let report = FocusReport(running.current, by: request.query["by"] == "hour" ? .hour : .day)
        try await SlicedResponse(
            work: .report, fields: [("content-type", "text/csv; charset=utf-8")],
            begin: { [self] () throws(AdminProblem) in try charges(report, try selection(request)) },
            next: { $0.next() }
        ).send(over: exchange)
    }

    private func charges(_ report: FocusReport, _ selection: Selection) throws(AdminProblem) -> FocusLines {
        do {
            return FocusLines(
                try report.charges(
                    UsageReport(storage.database), since: selection.since, until: selection.until,
                    where: selection.filter, energy: running.current.policies.energy), of: report.provider)
        } catch let error as LedgerError {
            throw AdminProblem(error)
        } catch {
            throw AdminProblem(.failed(path: running.current.data, reason: "\(error)"))
        }
    }
}

/// The lines of a FOCUS dataset, some at a time.
private struct FocusLines: Sendable {
    /// Charges of one slice.
    private static let slice = 500

    private let provider: FocusProvider
    private var hasTitles = false
    private var rest: ArraySlice<FocusCharge>

    init(_ charges: [FocusCharge], of provider: FocusProvider) {
        rest = charges[...]
        self.provider = provider
    }

    /// The titles, then the next lines; nil at the end.
    mutating func next() -> [UInt8]? {
        guard hasTitles else {
            hasTitles = true
            return Array(FocusColumn.titles.utf8)
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(Self.slice) }
        return Array(rest.prefix(Self.slice).map { FocusColumn.line($0, provider) }.joined().utf8)
    }
}
