import Admin
import Clocks
import Gateway
import HTTPServer
import Policy
import Store

/// `/admin/v1/requests`: what `propylon requests` shows and ends.
extension AdminServices {
    var requestRoutes: [AdminRoute] {
        let requests = "/admin/v1/requests"
        return [
            AdminRoute(
                AdminOperation(
                    .get, requests, needs: .read, "listRequests", "Requests in flight, the oldest first.",
                    .init("The requests.", RequestsReport.schema)),
                .waiting { _ in
                    .json(RequestsReport(requests: await gateway.runningRequests().map { .init($0) }).json)
                }),
            AdminRoute(
                AdminOperation(
                    .delete, "\(requests)/{id}", needs: .admin, "cancelRequest", "End a request in flight.",
                    .init("The request as it was.", RequestsReport.Request.schema)), .waiting(cancelRequest)),
        ]
    }

    @Sendable private func cancelRequest(_ request: AdminRequest) async throws(AdminProblem) -> ServerResponse {
        let text = request.path["id"] ?? ""
        guard let id = await runningID(text), let cancellation = await gateway.cancel(id) else {
            throw AdminProblem(
                404, "not_found",
                "no request in flight has the id \(text); it may have ended: GET /admin/v1/requests lists them",
                param: "id")
        }
        switch cancellation {
        case .ended(let cancelled), .ending(let cancelled):
            if let error = await note(cancelled, by: request.actor) { throw AdminProblem(error) }
            return .json(RequestsReport.Request(cancelled).json)
        case .refused:
            throw AdminProblem(
                409, "request_creates",
                "the upstream is creating what the request asks for; cancel that when it is there")
        }
    }

    /// The id with the text form `text`, or the one in flight that ends with it, as tables show ids.
    private func runningID(_ text: String) async -> RequestID? {
        if let id = RequestID(text) { return id }
        let found = await gateway.runningRequests().filter { RequestsReport.Request($0).shortID == text.lowercased() }
        return found.count == 1 ? found[0].id : nil
    }

    /// Notes the end of `request` in the audit log, beside the loop. Returns the error of the ledger, if any.
    private func note(_ request: RunningRequest, by actor: AuditActor) async -> LedgerError? {
        let (database, now) = (storage.database, time.now)
        return await AdminWork.change.run {
            do throws(LedgerError) {
                try database.auditCancellation(of: request.id, key: request.key, by: actor, at: now)
                return nil
            } catch { return error }
        }
    }
}

extension RequestsReport.Request {
    /// The entry of `request`.
    init(_ request: RunningRequest) {
        self.init(
            id: request.id.description, state: request.state, startedAt: request.startedAt.utcText,
            ageSeconds: Self.rounded(request.age / .seconds(1), by: 1000))
        key = request.key?.id
        keyName = request.key?.name
        team = request.key?.team
        user = request.user
        model = request.model
        endpoint = request.endpoint
        promptTokens = request.progress?.units.inputTokens
        completionTokens = request.progress?.units.outputTokens
        tokensPerSecond = request.tokensPerSecond.map { Self.rounded($0, by: 10) }
        costEUR = request.progress?.cost.decimal
    }

    private static func rounded(_ number: Double, by scale: Double) -> Double { (number * scale).rounded() / scale }
}
