import Clocks
import HTTP1
import Policy
import Testing
import Transport

@testable import Gateway

@Suite struct AuthenticateTests {
    private static let now = Timestamp(seconds: 1000)
    private let secret: String
    private let keys: KeySnapshot

    init() {
        let key = APIKey.generate()
        secret = key.reveal()
        keys = KeySnapshot([
            KeyRecord(
                id: key.id, name: "alice", tier: "monthly", team: nil, createdAt: Timestamp(seconds: 1),
                expiresAt: Timestamp(seconds: 2000), digest: KeyDigest(sha256(Array(secret.utf8).span)))
        ])
    }

    private func authenticate(_ lines: String..., at now: Timestamp = AuthenticateTests.now) throws -> KeyRecord {
        let head = try RequestHead.of((["GET / HTTP/1.1", "host: x"] + lines).joined(separator: "\n"))
        return try Gateway.authenticate(head.fields, among: keys, at: now)
    }

    private func code(_ lines: String, at now: Timestamp = AuthenticateTests.now, status: Int = 401) throws -> String? {
        do {
            _ = try authenticate(lines, at: now)
            return nil
        } catch let failure as RequestFailure {
            #expect(failure.status == status)
            #expect(!failure.wasSent)
            return failure.error?.code
        }
    }

    @Test func theBearerIsFound() throws {
        #expect(try authenticate("authorization: Bearer \(secret)").name == "alice")
        #expect(try authenticate("AUTHORIZATION: bearer \(secret)").name == "alice")
    }

    @Test(arguments: ["x-api-key: ", "X-API-KEY:", "api-key: ", "authorization: Bearer   ", "Authorization:\tBEARER "])
    func otherPlacesAreAccepted(field: String) throws { #expect(try authenticate(field + secret).name == "alice") }

    @Test func authorizationWins() throws {
        #expect(try authenticate("x-api-key: other\nauthorization: Bearer \(secret)").name == "alice")
        #expect(try code("authorization: Bearer sk-other\nx-api-key: \(secret)") == "invalid_api_key")
        #expect(try code("authorization: Basic x\napi-key: \(secret)") == "invalid_api_key")
    }

    @Test(arguments: ["authorization: Bearer ", "x-api-key: ", "api-key: "])
    func aFieldThatStandsTwiceIsRefused(field: String) throws {
        #expect(try code("\(field)\(secret)\n\(field)\(secret)", status: 400) == "repeated_header")
    }

    @Test func everythingElseIsNoKey() throws {
        #expect(try code("x-other: 1") == "invalid_api_key")
        #expect(try code("authorization: \(secret)") == "invalid_api_key")
        #expect(try code("authorization: Basic \(secret)") == "invalid_api_key")
        #expect(try code("authorization: Bearer") == "invalid_api_key")
    }

    @Test func aChangedKeyIsUnknown() throws {
        let last = secret.last == "a" ? "b" : "a"
        #expect(try code("authorization: Bearer \(secret.dropLast())\(last)") == "invalid_api_key")
        #expect(try code("authorization: Bearer \(secret)x") == "invalid_api_key")
        #expect(try code("authorization: Bearer sk-other") == "invalid_api_key")
    }

    @Test func aKeyEndsAtItsMoment() throws {
        #expect(try code("authorization: Bearer \(secret)", at: Timestamp(seconds: 1999)) == nil)
        #expect(try code("authorization: Bearer \(secret)", at: Timestamp(seconds: 2000)) == "api_key_expired")
    }
}
