import Admin
import Clocks
import HTTP1
import HTTPServer
import Policy
import Settings
import Store

/// `/admin/v1/usage` and `/admin/v1/rows`: what `propylon usage` and `propylon usage export` show, with the same parameters.
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

    /// Writes one slice of rows after the other, each once the client has read the one before. Slices are read beside the loop.
    @Sendable private func streamRows(_ request: AdminRequest, _ exchange: ServerExchange) async throws(ExchangeError) {
        let rows = RowStream(rows: UsageRows(storage.database, slice: 500), configuration: running.current)
        let begin = await AdminWork.report.run { () -> Result<RowStream.State, AdminProblem> in
            do throws(AdminProblem) {
                let selection = try selection(request)
                return .success(try rows.begin(selection.since, selection.until, selection.filter))
            } catch { return .failure(error) }
        }
        guard case .success(let state) = begin else {
            if case .failure(let problem) = begin { try await exchange.respond(problem.response()) }
            return
        }
        exchange.start(status: 200, length: .unknown) { writer in
            writer.field("content-type", "application/jsonl" as StaticString)
            writer.field("cache-control", "no-store" as StaticString)
        }
        try exchange.push()
        let isHead = exchange.head.fields.equals(exchange.head.method, "head")
        var slice = RowStream.Slice.end
        if !isHead { slice = await AdminWork.report.run { rows.slice(after: state) } }
        while case .lines(let lines, let next) = slice {
            exchange.write(lines)
            try await exchange.flush()
            slice = await AdminWork.report.run { rows.slice(after: next) }
        }
        // A ledger that cannot be read any more ends the response before its end, which the client sees.
        if case .failed = slice { exchange.abort() } else { exchange.finish() }
    }
}

/// Raw rows as JSON lines, slice by slice.
private struct RowStream: Sendable {
    let rows: UsageRows
    let configuration: Configuration

    struct State: Sendable {
        var place: UsageRows.Place
        let values: RowColumn.Context
    }

    enum Slice: Sendable {
        case lines([UInt8], State)
        case end
        case failed
    }

    func begin(
        _ since: Timestamp?, _ until: Timestamp?, _ filter: UsageFilter
    ) throws(AdminProblem) -> State {
        do throws(LedgerError) {
            return State(
                place: try rows.begin(since: since, until: until, where: filter),
                values: try RowColumn.Context(rows, configuration))
        } catch { throw AdminProblem(error) }
    }

    /// The rows after `state`.
    func slice(after state: State) -> Slice {
        var next = state
        do throws(LedgerError) {
            guard let records = try rows.next(&next.place) else { return .end }
            let lines = records.map { RowColumn.json($0, state.values).line + "\n" }
            return .lines(Array(lines.joined().utf8), next)
        } catch { return .failed }
    }
}
