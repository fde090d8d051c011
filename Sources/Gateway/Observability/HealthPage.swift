import HTTP1
import HTTPServer
import Transport

/// Responds to `GET /healthz` (the process is alive) and `GET /readyz` (it can serve, or why not), on both listeners.
package enum HealthPage {
    /// The page that `head` asks for; nil for every other request.
    package static func answer(to head: RequestHead, reasonsNotToServe: () -> [String]) -> ServerResponse? {
        let fields = head.fields
        guard head.path.count == 7 || head.path.count == 8 else { return nil }
        guard fields.equals(head.method, "get") || fields.equals(head.method, "head") else { return nil }
        if fields.equals(head.path, "/healthz") { return page(200, "alive\n") }
        guard fields.equals(head.path, "/readyz") else { return nil }
        let reasons = reasonsNotToServe()
        return reasons.isEmpty ? page(200, "ready\n") : page(503, reasons.joined(separator: "\n") + "\n")
    }

    private static func page(_ status: Int, _ text: String) -> ServerResponse {
        ServerResponse(
            status: status, fields: [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")],
            body: Array(text.utf8))
    }
}
