import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct LedgerErrorTests {
    @Test(
        arguments: [
            (.SQLITE_BUSY, .busy(path: "/d")), (.SQLITE_LOCKED, .busy(path: "/d")),
            (.SQLITE_FULL, .diskFull(path: "/d")),
            (.SQLITE_CORRUPT, .damaged(path: "/d", reason: "why")),
            (.SQLITE_NOTADB, .damaged(path: "/d", reason: "why")),
            (.SQLITE_CANTOPEN, .cannotOpen(path: "/d", reason: "why")),
            (.SQLITE_PERM, .cannotOpen(path: "/d", reason: "why")),
            (.SQLITE_READONLY, .cannotOpen(path: "/d", reason: "why")),
            (.SQLITE_IOERR, .failed(path: "/d", reason: "why")),
        ] as [(ResultCode, LedgerError)])
    func everyCodeOfSQLiteHasItsCase(code: ResultCode, expected: LedgerError) {
        #expect(LedgerError(DatabaseError(resultCode: code, message: "why"), path: "/d") == expected)
    }

    @Test func anErrorOfTheLedgerStays() {
        #expect(LedgerError(LedgerError.keyNotFound("k"), path: "/d") == .keyNotFound("k"))
    }

    @Test func anyOtherErrorIsNamed() {
        struct Odd: Error {}
        #expect(LedgerError(Odd(), path: "/d") == .failed(path: "/d", reason: "Odd()"))
    }

    /// Cause, place and remedy: the place is the path or the key, the remedy follows a semicolon.
    @Test(
        arguments: [
            .cannotOpen(path: "/the/place", reason: "why"), .newerDatabase(path: "/the/place", migrations: ["9: x"]),
            .busy(path: "/the/place"), .diskFull(path: "/the/place"), .damaged(path: "/the/place", reason: "why"),
            .inUse(path: "/the/place", process: 7), .foreignJournal(path: "/the/place"),
            .journalFull(path: "/the/place", slots: 3), .failed(path: "/the/place", reason: "why"),
            .noRoomForBackup(path: "/the/place", bytes: 5 << 20),
            .nameTaken("/the/place", id: nil), .nameTaken("n", id: "/the/place"),
            .keyNotFound("/the/place"), .ambiguousKeyName("/the/place", ids: ["a", "b"]), .duplicateKey("/the/place"),
            .keyRevoked("/the/place"), .tooManyGrants("/the/place", limit: 32),
            .textTooLong(member: "/the/place", bytes: 201, limit: 200),
        ] as [LedgerError])
    func aDescriptionNamesPlaceAndRemedy(error: LedgerError) throws {
        let text = error.description
        #expect(text.contains("/the/place"))
        let remedy = try #require(text.split(separator: ";").last)
        #expect(text.contains(";"))
        #expect(remedy.count > 10)
    }

    @Test func detailsAreInTheDescription() {
        #expect(LedgerError.inUse(path: "/d", process: 7).description.contains("(process 7)"))
        #expect(!LedgerError.inUse(path: "/d", process: nil).description.contains("process"))
        #expect(LedgerError.ambiguousKeyName("n", ids: ["a", "b"]).description.contains("a, b"))
        #expect(LedgerError.newerDatabase(path: "/d", migrations: ["9: x"]).description.contains("9: x"))
        #expect(LedgerError.textTooLong(member: "team", bytes: 201, limit: 200).description.contains("201 bytes"))
    }
}
