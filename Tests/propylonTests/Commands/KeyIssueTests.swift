import Clocks
import Foundation
import Gateway
import Policy
import Store
import Testing

@testable import propylon

@Suite struct KeyIssueTests {
    @Test func aNewKeyWorksAndSoDoesItsSuccessor() throws {
        let folder = NSTemporaryDirectory() + "propylon-keys-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try LedgerDatabase(directory: folder)
        defer { database.close() }
        let store = KeyStore(database)
        let now = Timestamp.now

        let key = try KeyIssuance.create(
            name: "ada", tier: "monthly", team: "red", expiresAt: nil, models: ["a*"], in: store, at: now)
        let record = try KeyCache(database).keys.authenticate(KeyIssuance.digest(of: key), at: now)
        #expect(record.id == key.id)
        #expect((record.name, record.tier, record.team, record.models) == ("ada", "monthly", "red", ["a*"]))
        let isWellFormed = APIKey.isWellFormed(Array(key.reveal().utf8).span)
        #expect(isWellFormed)

        let graceUntil = now + .seconds(3600)
        let (successor, rotated) = try KeyIssuance.rotate(key.id, graceUntil: graceUntil, in: store, at: now)
        #expect(successor.id == key.id)
        #expect(KeyIssuance.digest(of: successor) != KeyIssuance.digest(of: key))
        #expect(rotated.predecessors.map(\.validUntil) == [graceUntil])
        #expect(try KeyCache(database).keys.authenticate(KeyIssuance.digest(of: successor), at: now).id == key.id)
        #expect(try KeyCache(database).keys.authenticate(KeyIssuance.digest(of: key), at: now).id == key.id)
        #expect(throws: KeyRefusal.rotated(graceUntil)) {
            try KeyCache(database).keys.authenticate(KeyIssuance.digest(of: key), at: graceUntil + .seconds(1))
        }
    }
}
