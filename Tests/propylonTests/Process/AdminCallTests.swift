import Loopback
import Settings
import Testing
import Transport

@testable import propylon

@Suite(.ownThread) struct AdminCallTests {
    private func call(_ listen: String, token: String? = nil) throws -> HTTPCall {
        let token = token.map { ", token: \($0)" } ?? ""
        return try AdminCall(configuration("admin: { listen: \"\(listen)\"\(token) }\n")).request("/metrics")
    }

    @Test(arguments: [
        ("127.0.0.1:81", "127.0.0.1"), ("localhost:81", "127.0.0.1"), ("127.0.0.5:81", "127.0.0.5"),
        ("[::1]:81", "::1"),
    ])
    func loopbackAddresses(listen: String, host: String) throws {
        #expect(try call(listen).host == host)
        #expect(try call(listen).port == 81)
    }

    @Test(arguments: ["0.0.0.0:81", "[::]:81"]) func allAddressesAreAskedOnLoopback(listen: String) throws {
        #expect(try call(listen, token: "t").host == "127.0.0.1")
    }

    @Test func theTokenIsSent() throws {
        let head = String(decoding: try call("127.0.0.1:81", token: "swordfish").head, as: UTF8.self)
        #expect(head.contains("\r\nauthorization: Bearer swordfish\r\n"))
        #expect(!String(decoding: try call("127.0.0.1:81").head, as: UTF8.self).contains("authorization"))
    }

    /// Where `admin.token` is not set, a further token that may read serves as well.
    @Test func aFurtherTokenIsSent() throws {
        let tokens = """
            admin:
              listen: "127.0.0.1:81"
              tokens:
                - { name: red, token: red, scope: "keys:team=red" }
                - { name: watcher, token: see, scope: read }
            teams: { red: { tier: monthly } }

            """
        let call = try AdminCall(configuration(tokens)).request("/metrics")
        #expect(String(decoding: call.head, as: UTF8.self).contains("\r\nauthorization: Bearer see\r\n"))
    }

    /// A token that may only read does not serve for a change.
    @Test func theTokenHasTheRightThatIsNeeded() throws {
        func head(_ scope: String) throws -> String {
            let tokens =
                "admin: { tokens: [{ name: a, token: see, scope: read }, { name: b, token: own, scope: \(scope) }] }\n"
            let call = try AdminCall(configuration(tokens)).request("/x", method: "DELETE", needs: .admin)
            return String(decoding: call.head, as: UTF8.self)
        }
        #expect(try head("admin").hasPrefix("DELETE /x HTTP/1.1\r\n"))
        #expect(try head("admin").contains("\r\nauthorization: Bearer own\r\n"))
        #expect(try !head("read").contains("authorization"))
    }

    @Test func namesAreSegmentsOfAPath() { #expect(AdminCall.path("/a/", "x/y é") == "/a/x%2Fy%20%C3%A9") }

    @Test func whatNeedsAGatewayFailsWithoutOne() async throws {
        let admin = try AdminCall(configuration("admin: { listen: \"127.0.0.1:1\" }\n"))
        await #expect { try await admin.runningPage("/admin/v1/requests") } throws: { error in
            "\(error)" == "no gateway answers on 127.0.0.1:1: start one with propylon serve, or check admin.listen"
        }
    }

    @Test func noGatewayIsNoPage() async throws {
        #expect(try await AdminCall(configuration("admin: { listen: \"127.0.0.1:1\" }\n")).page("/metrics") == nil)
    }

    @Test func refusalsAreFailures() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 8\r\n\r\nno token"), .close]
        ])
        let admin = AdminCall(try configuration("admin: { listen: \"127.0.0.1:\(server.address.port)\" }\n"))
        await #expect { try await admin.page("/metrics") } throws: { error in
            "\(error)" == "the gateway on \(admin.address) answers 401: no token"
        }
    }

    @Test func otherServersAreFailures() async throws {
        let server = try ScriptedServer([[.readRequest, .send("SSH-2.0-x\r\n\r\n"), .close]])
        let admin = AdminCall(try configuration("admin: { listen: \"127.0.0.1:\(server.address.port)\" }\n"))
        await #expect { try await admin.page("/metrics") } throws: { error in
            "\(error)".contains("does not answer as an admin listener")
        }
    }
}
