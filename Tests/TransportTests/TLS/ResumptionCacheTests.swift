import Testing

@testable import Transport

@Suite struct ResumptionCacheTests {
    private final class Ticket: Resumable {
        let isForOneUse: Bool
        let isUsable: Bool

        init(isForOneUse: Bool = true, isUsable: Bool = true) {
            self.isForOneUse = isForOneUse
            self.isUsable = isUsable
        }
    }

    private typealias Cache = ResumptionCache<Ticket>

    @Test func theNewestComesFirstAndOnce() {
        let cache = Cache()
        let (older, newer) = (Ticket(), Ticket())
        cache.insert(older, for: "a.test")
        cache.insert(newer, for: "a.test")
        #expect(cache.take(for: "b.test") == nil)
        #expect(cache.take(for: "a.test") === newer)
        #expect(cache.take(for: "a.test") === older)
        #expect(cache.take(for: "a.test") == nil)
        #expect(cache.counts == (0, 0))
    }

    @Test func whatMayBeUsedAgainStays() {
        let cache = Cache()
        let session = Ticket(isForOneUse: false)
        cache.insert(session, for: "a.test")
        #expect(cache.take(for: "a.test") === session)
        #expect(cache.take(for: "a.test") === session)
    }

    @Test func whatIsSpoiledIsDropped() {
        let cache = Cache()
        let good = Ticket()
        cache.insert(good, for: "a.test")
        cache.insert(Ticket(isForOneUse: false, isUsable: false), for: "a.test")
        cache.insert(Ticket(isUsable: false), for: "a.test")
        #expect(cache.take(for: "a.test") === good)
        #expect(cache.counts == (0, 0))
    }

    @Test func theOldestMakesRoom() {
        let cache = Cache()
        let tickets = (0..<Cache.sessionLimit + 3).map { _ in Ticket() }
        for ticket in tickets { cache.insert(ticket, for: "a.test") }
        #expect(cache.counts == (1, Cache.sessionLimit))
        for expected in tickets.dropFirst(3).reversed() { #expect(cache.take(for: "a.test") === expected) }
        #expect(cache.take(for: "a.test") == nil)
    }

    @Test func oneNameCanBeForgotten() {
        let cache = Cache()
        for name in ["a.test", "b.test", "a.test"] { cache.insert(Ticket(), for: name) }
        cache.removeAll(for: "a.test")
        #expect(cache.take(for: "a.test") == nil)
        #expect(cache.take(for: "b.test") != nil)
    }

    @Test func namesAreBounded() {
        let cache = Cache()
        for number in 0..<Cache.nameLimit * 2 { cache.insert(Ticket(), for: "\(number).test") }
        #expect(cache.counts == (Cache.nameLimit, Cache.nameLimit))
        #expect(cache.take(for: "\(Cache.nameLimit * 2 - 1).test") != nil)
    }
}
