import Admin
import HTTPServer
import Store

/// `/admin/v1/alerts`: what `propylon alerts` shows.
extension AdminServices {
    var alertRoutes: [AdminRoute] {
        let recipient = AdminSchema.object([
            .init("recipient", .text(), "The name: webhook 1, or email.", required: true),
            .init("waiting", .integer(0...Int64.max), "Alerts that wait for it.", required: true),
            .init("oldest", .optional(.text()), "The kind of the first of them.", required: true),
            .init("oldest_at", .optional(.text()), "The time of that event.", required: true),
            .init("failures", .integer(0...Int64.max), "Failed attempts since the last success.", required: true),
            .init("last_error", .optional(.text()), "The reason of the last failure.", required: true),
            .init("last_attempt", .optional(.text()), "The time of the last attempt.", required: true),
            .init("next_attempt", .optional(.text()), "The time of the next one.", required: true),
        ])
        return [
            AdminRoute(
                AdminOperation(
                    .get, "/admin/v1/alerts", needs: .read, "listAlerts", "Alerts that wait, by recipient.",
                    .init("All recipients.", .list(recipient, atMost: 10_000))), .blocking(.look, listAlerts))
        ]
    }

    @Sendable private func listAlerts(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        do throws(LedgerError) {
            return .json(AlertText(timeText).json(try storage.database.pendingAlerts()))
        } catch { throw AdminProblem(error) }
    }
}
