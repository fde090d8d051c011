import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

/// The names of keys are readable and tell one key from all others.
@Suite struct KeyNamesTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let store: KeyStore
    private let now = Timestamp(seconds: 2_000)

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        store = KeyStore(database, by: .test)
    }

    private func renamed(_ id: String, _ name: String) throws -> KeyRecord {
        var changes = KeyChanges()
        changes.name = name
        return try store.update(id, changes, at: now)
    }

    @Test func aNameIsOfOneLiveKey() throws {
        try store.create(.plain("one", name: "ada", digest: 1))
        #expect(throws: LedgerError.nameTaken("ada", id: "one")) {
            try store.create(.plain("two", name: "ada", digest: 2))
        }
        try store.create(.plain("two", name: "bob", digest: 2))
        #expect(throws: LedgerError.nameTaken("ada", id: "one")) { try renamed("two", "ada") }
        #expect(try store.find("two").name == "bob")
        #expect(try renamed("one", "ada").name == "ada")
        // A suspended key comes back, a revoked one does not.
        try store.suspend("one", at: now)
        #expect(throws: LedgerError.nameTaken("ada", id: "one")) { try renamed("two", "ada") }
        try store.revoke("one", at: now)
        #expect(try renamed("two", "ada").name == "ada")
        database.close()
    }

    /// An id is looked for first: a key whose name is another's id could not be named.
    @Test func anotherKeysIDIsNoName() throws {
        try store.create(.plain("one", digest: 1))
        #expect(throws: LedgerError.nameTaken("one", id: "one")) {
            try store.create(.plain("two", name: "one", digest: 2))
        }
        try store.revoke("one", at: now)
        #expect(throws: LedgerError.nameTaken("one", id: "one")) {
            try store.create(.plain("two", name: "one", digest: 2))
        }
        database.close()
    }

    /// Keys of earlier versions that share a name can change everything else.
    @Test func aSharedNameOfBeforeMayStay() throws {
        for (id, digest) in [("one", UInt64(1)), ("two", 2)] {
            try database.writing { try KeyTable.insert(.plain(id, name: "ada", digest: digest), into: $0) }
        }
        var changes = KeyChanges()
        changes.tier = "student"
        changes.name = "ada"
        #expect(try store.update("two", changes, at: now).tier == "student")
        database.close()
    }

    @Test(arguments: ["", " ", "\u{3000}\t", "a\nb", "a\u{1B}[2J", "a\u{202E}b", "\u{7F}", "a\u{0}", "a\u{2028}"])
    func namesAreReadable(_ name: String) throws {
        #expect(throws: LedgerError.unreadableText(member: "name")) {
            try store.create(.plain("one", name: name, digest: 1))
        }
        try store.create(.plain("one", digest: 1))
        #expect(throws: LedgerError.unreadableText(member: "name")) { try renamed("one", name) }
        var changes = KeyChanges()
        changes.team = .set(name)
        #expect(throws: LedgerError.unreadableText(member: "team")) { try store.update("one", changes, at: now) }
        changes = KeyChanges()
        changes.models = .set(["a", name])
        #expect(throws: LedgerError.unreadableText(member: "models")) { try store.update("one", changes, at: now) }
        database.close()
    }

    @Test func patternsAreBounded() throws {
        try store.create(.plain("one", digest: 1))
        var changes = KeyChanges()
        changes.models = .set(Array(repeating: "a", count: KeyBounds.models))
        #expect(try store.update("one", changes, at: now).models?.count == KeyBounds.models)
        changes.models = .set(Array(repeating: "a", count: KeyBounds.models + 1))
        #expect(throws: LedgerError.tooManyModels(limit: KeyBounds.models)) {
            try store.update("one", changes, at: now)
        }
        database.close()
    }

    // MARK: Versions

    @Test func aChangeOfAnotherVersionIsRefused() throws {
        let created = try store.create(.plain("one", digest: 1))
        #expect(created.version > 0)
        let suspended = try store.suspend("one", at: now)
        #expect(suspended.version > created.version)
        let late = KeyStore(database, by: .test, expecting: created.version)
        var changes = KeyChanges()
        changes.tier = "student"
        for change in [
            { try late.update("one", changes, at: now) }, { try late.suspend("one", at: now) },
            { try late.resume("one", at: now) }, { try late.revoke("one", at: now) },
            { try late.grant("one", [], at: now) },
            {
                try late.rotate("one", newDigest: KeyDigest(number: 2), graceUntil: now, at: now)
            },
        ] as [() throws -> KeyRecord] {
            #expect(throws: LedgerError.keyChanged("one")) { try change() }
        }
        #expect(try store.find("one").version == suspended.version)
        let known = KeyStore(database, by: .test, expecting: suspended.version)
        #expect(try known.update("one", changes, at: now).tier == "student")
        database.close()
    }

    /// What changes nothing makes no version, so that a repeated request is the same as one.
    @Test func aRepeatedChangeIsNone() throws {
        try store.create(.plain("one", digest: 1))
        var changes = KeyChanges()
        changes.tier = "student"
        changes.limits = [.tokensPerDay: .set(5)]
        let first = try store.update("one", changes, at: now)
        #expect(try store.update("one", changes, at: now + .seconds(1)).version == first.version)
        let suspended = try store.suspend("one", at: now)
        #expect(try store.suspend("one", at: now + .seconds(1)).version == suspended.version)
        #expect(try store.grant("one", [], at: now).version == suspended.version)
        database.close()
    }

    // MARK: Teams

    @Test func anActorOfATeamSeesItsKeysAlone() throws {
        func key(_ id: String, _ team: String?, _ digest: UInt64) -> KeyRecord {
            KeyRecord(
                id: id, name: "name of \(id)", tier: "t", team: team, createdAt: now, digest: KeyDigest(number: digest))
        }
        try store.create(key("one", "red", 1))
        try store.create(key("two", "blue", 2))
        try store.create(key("three", nil, 3))
        let red = KeyStore(database, by: .test, team: "red")
        #expect(try red.list().map(\.id) == ["one"])
        #expect(try red.page(KeySelection(), after: nil, limit: 10).map(\.id) == ["one"])
        var blue = KeySelection()
        blue.team = "blue"
        #expect(try red.page(blue, after: nil, limit: 10).isEmpty)
        #expect(try red.find("one").id == "one")
        for other in ["two", "name of two", "three"] {
            #expect(throws: LedgerError.keyNotFound(other)) { try red.find(other) }
            #expect(throws: LedgerError.keyNotFound(other)) { try red.suspend(other, at: now) }
            #expect(throws: LedgerError.keyNotFound(other)) { try red.revoke(other, at: now) }
        }
        #expect(throws: LedgerError.otherTeam(allowed: "red")) { try red.create(key("four", "blue", 4)) }
        #expect(throws: LedgerError.otherTeam(allowed: "red")) { try red.create(key("four", nil, 4)) }
        var changes = KeyChanges()
        changes.team = .set("blue")
        #expect(throws: LedgerError.otherTeam(allowed: "red")) { try red.update("one", changes, at: now) }
        #expect(try store.find("one").team == "red")
        // Of keys of others it learns that a name is taken, and not by whom.
        for name in ["name of two", "two", "name of three"] {
            let named = KeyRecord(
                id: "five", name: name, tier: "t", team: "red", createdAt: now, digest: KeyDigest(number: 5))
            #expect(throws: LedgerError.nameTaken(name, id: nil)) { try red.create(named) }
            var renamed = KeyChanges()
            renamed.name = name
            #expect(throws: LedgerError.nameTaken(name, id: nil)) { try red.update("one", renamed, at: now) }
        }
        let own = KeyRecord(
            id: "five", name: "name of one", tier: "t", team: "red", createdAt: now, digest: KeyDigest(number: 5))
        #expect(throws: LedgerError.nameTaken("name of one", id: "one")) { try red.create(own) }
        database.close()
    }

    // MARK: Pages

    /// Pages of any size, one after the other, are the list, whatever the condition is.
    @Test func pagesAreTheList() throws {
        var generator = SeededGenerator(seed: 7)
        var keys: [KeyRecord] = []
        for number in 0..<60 {
            func moment() -> Timestamp? {
                Bool.random(using: &generator) ? Timestamp(seconds: .random(in: 0...4_000, using: &generator)) : nil
            }
            let key = KeyRecord(
                id: "k\(number)", name: "\(["Ada", "bob"].randomElement(using: &generator)!)\(number)",
                tier: ["a", "b"].randomElement(using: &generator)!,
                team: [nil, "red", "blue"].randomElement(using: &generator)!,
                createdAt: Timestamp(seconds: .random(in: 0...5, using: &generator)), expiresAt: moment(),
                revokedAt: moment(), suspendedAt: moment(), digest: KeyDigest(number: UInt64(number)))
            keys.append(try store.create(key))
        }
        keys.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        for _ in 0..<60 {
            var selection = KeySelection()
            selection.team = [nil, "red", "none"].randomElement(using: &generator)!
            selection.tier = [nil, "a"].randomElement(using: &generator)!
            selection.name = [nil, "ada", "B", "%"].randomElement(using: &generator)!
            let state = ([nil] + KeyState.allCases).randomElement(using: &generator)!
            selection.state = state.map { .init($0, at: now) }
            let end = [nil, now..<now + .seconds(3)].randomElement(using: &generator)!
            selection.end = end
            let expected = keys.filter { key in
                (selection.team == nil || key.team == selection.team)
                    && (selection.tier == nil || key.tier == selection.tier)
                    && (state == nil || key.state(at: now) == state)
                    && (end == nil || key.revokedAt == nil && key.expiresAt.map { end!.contains($0) } == true)
                    && (selection.name == nil || key.name.lowercased().contains(selection.name!.lowercased()))
            }
            let size = Int.random(in: 1...20, using: &generator)
            var read: [KeyRecord] = []
            var last: KeySelection.Place?
            while case let page = try store.page(selection, after: last, limit: size), let end = page.last {
                #expect(page.count <= size)
                read += page
                last = .init(createdAt: end.createdAt, id: end.id)
            }
            #expect(read == expected)
        }
        database.close()
    }
}
