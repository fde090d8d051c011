import Foundation
import Gateway
import Ledger
import Policy
import Testing

@testable import propylon

@Suite struct KeyIssueTests {
    @Test func aNewKeyWorksAndSoDoesItsSuccessor() throws {
        let folder = NSTemporaryDirectory() + "propylon-keys-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try LedgerDatabase(directory: folder)
        defer { database.close() }
        let store = try KeyStore(database)
        let now = Timestamp.now

        let key = try KeyIssue.create(
            name: "ada", tier: "monthly", team: "red", expiresAt: nil, models: ["a*"], in: store)
        let record = try store.keys.authenticate(KeyIssue.digest(of: key), at: now)
        #expect(record.id == key.id)
        #expect((record.name, record.tier, record.team, record.models) == ("ada", "monthly", "red", ["a*"]))
        let isWellFormed = APIKey.isWellFormed(Array(key.reveal().utf8).span)
        #expect(isWellFormed)

        let graceUntil = now + .seconds(3600)
        let (successor, rotated) = try KeyIssue.rotate(key.id, graceUntil: graceUntil, in: store)
        #expect(successor.id == key.id)
        #expect(KeyIssue.digest(of: successor) != KeyIssue.digest(of: key))
        #expect(rotated.predecessor?.validUntil == graceUntil)
        #expect(try store.keys.authenticate(KeyIssue.digest(of: successor), at: now).id == key.id)
        #expect(try store.keys.authenticate(KeyIssue.digest(of: key), at: now).id == key.id)
        #expect(throws: KeyRefusal.rotated(graceUntil)) {
            try store.keys.authenticate(KeyIssue.digest(of: key), at: graceUntil + .seconds(1))
        }
    }
}
