import Clocks
import Foundation
import Gateway
import Loopback
import Policy
import Settings
import Store
import Testing

@testable import Admin
@testable import propylon

/// `/admin/v1/requests` of a whole gateway, in front of an upstream that answers when the test wants.
@Suite(.ownThread) struct AdminRequestsTests {
    private let folder: TemporaryFolder
    private let upstream: ScriptedServer
    private let process: GatewayProcess
    private let key: KeyService.Issued

    init() throws {
        folder = try TemporaryFolder()
        upstream = try ScriptedServer([[.readRequest, .waitForEnd], [.readRequest, .waitForEnd]], isConcurrent: true)
        let settings = try configuration(
            in: folder, withTokens: true,
            """
            upstream: { base_url: "http://127.0.0.1:\(upstream.address.port)", api_keys: [secret-of-the-upstream] }
            teams: { red: { tier: tier-1 } }

            """)
        process = try GatewayProcess(settings, sandbox: false, log: LogRecorder().logger)
        key = try process.storage.database.issueKey("ada", team: "red")
    }

    private func call(_ method: StaticString, _ path: String, token: String = "all") async throws -> Response {
        var call = try #require(HTTPCall(method, process.adminAddress + "/admin/v1/requests" + path))
        call.fields = [("authorization", "Bearer \(token)")]
        return try await send(call)
    }

    private func report() async throws -> RequestsReport {
        let response = try await call("GET", "", token: "see")
        #expect(response.status == 200)
        #expect(RequestsReport.schema.fault(in: try #require(AdminValue(json: Array(response.body.utf8)))) == nil)
        return try JSONDecoder().decode(RequestsReport.self, from: Data(response.body.utf8))
    }

    /// Sends a chat completion, and waits until the upstream has it.
    private func sent() async throws -> (client: Task<Response, any Error>, RequestsReport.Request) {
        var call = try #require(HTTPCall("POST", process.addresses[0] + "/v1/chat/completions"))
        call.fields = [
            ("authorization", "Bearer \(key.key.reveal())"), ("content-type", "application/json"),
        ]
        call.body = Array(
            #"{"model":"gpt-oss:120b","messages":[{"role":"user","content":"hello, is anybody there?"}],"user":"bob"}"#
                .utf8)
        let client = Task { [call] in try await send(call) }
        var found: RequestsReport.Request?
        _ = await eventually {
            found = try? await report().requests.first { $0.state == .sent }
            return found != nil
        }
        return (client, try #require(found))
    }

    @Test func aRequestIsShownWhileItIsInFlight() async throws {
        #expect(try await report().requests.isEmpty)
        let (client, request) = try await sent()
        #expect(RequestID(request.id) != nil && request.id.hasSuffix(request.shortID))
        #expect(request.key == key.record.id && request.keyName == "ada" && request.team == "red")
        #expect(request.user == "bob" && request.model == "gpt-oss:120b" && request.endpoint == "chat/completions")
        #expect(request.ageSeconds >= 0 && request.startedAt.hasSuffix("Z"))
        #expect(request.promptTokens.map { $0 > 0 } == true && request.completionTokens == 0)
        #expect(request.costEUR?.hasPrefix("0.") == true && request.tokensPerSecond == nil)
        #expect(try await call("DELETE", "/" + request.id).status == 200)
        _ = try await client.value
        #expect(try await report().requests.isEmpty)
    }

    /// By the whole id, or by the end of it that tables show, in either case.
    @Test(
        arguments: [{ $0.id }, { $0.shortID }, { $0.shortID.uppercased() }]
            as [@Sendable (RequestsReport.Request) -> String])
    func aRequestIsEnded(name: @Sendable (RequestsReport.Request) -> String) async throws {
        let (client, request) = try await sent()
        let response = try await call("DELETE", "/" + name(request))
        #expect(response.status == 200)
        let shown = try JSONDecoder().decode(RequestsReport.Request.self, from: Data(response.body.utf8))
        #expect(shown.id == request.id && shown.keyName == "ada")
        let answer = try await client.value
        #expect(answer.status == 403 && answer.body.contains("request_cancelled"))
        let entry = try #require(try process.storage.database.audit(limit: 1).first)
        #expect(entry.action == "request.cancel" && entry.actor == AuditActor(name: "admin", origin: "127.0.0.1"))
        #expect(entry.subject?.id == key.record.id && entry.after.contains(request.id))
        #expect(try await call("DELETE", "/" + request.id).status == 404)
    }

    @Test(arguments: ["019e0a5d-ac96-7123-8456-0123456789ab", "0123456789ab", "x", "%C3%A9"])
    func whatIsNotInFlightIsNotFound(id: String) async throws {
        let response = try await call("DELETE", "/" + id)
        #expect(response.status == 404 && response.body.contains("not_found"))
        #expect(try process.storage.database.audit(limit: 10).allSatisfy { $0.action != "request.cancel" })
    }

    @Test func lookingTakesOneRightAndEndingAnother() async throws {
        #expect(try await call("GET", "", token: "see").status == 200)
        #expect(try await call("DELETE", "/x", token: "see").status == 403)
        for method in ["GET", "DELETE"] as [StaticString] {
            let path = method.description == "GET" ? "" : "/x"
            #expect(try await call(method, path, token: "red").status == 403)
            #expect(try await call(method, path, token: "none").status == 401)
        }
    }
}
