import Clocks
import Synchronization
import Testing

@testable import Policy

@Suite struct AdmissionQueueTests {
    private static func tier(_ change: (inout Tier) -> Void = { _ in }) -> Tier {
        .limited { tier in
            tier[.concurrentRequests] = 1
            tier.queue = Tier.Queue()
            change(&tier)
        }
    }

    private let key = KeyRecord.of("a")

    /// A queue, what it has woken, and requests that wait in it.
    private final class Fixture: Sendable {
        let tier: Tier
        let limiter: Limiter
        let queue: AdmissionQueue
        let woken = Atomic<Int>(0)

        init(_ tier: Tier, teams: [String: String] = [:], account: String? = nil) {
            self.tier = tier
            limiter = Limiter(.of(tier, teams: teams, account: account))
            queue = AdmissionQueue(limiter)
        }

        func join(_ key: KeyRecord, at now: LimitTime = .at()) -> WaitingRequest? {
            queue.join(.chat(10, output: 10), of: key, tier, at: now) { [self] in
                woken.add(1, ordering: .relaxed)
            }
        }

        /// Settles what `waiting` holds. Returns false where it holds nothing.
        func settle(_ waiting: WaitingRequest, at now: LimitTime = .at()) -> Bool {
            guard let reservation = waiting.take() else { return false }
            _ = limiter.settle(reservation, .used(LimitAmounts(tokens: 20, outputTokens: 10)), at: now)
            queue.admit(at: now)
            return true
        }
    }

    @Test func whoHasRoomGoesOnAtOnce() throws {
        let fixture = Fixture(Self.tier())
        let waiting = try #require(fixture.join(key))
        #expect(fixture.queue.isEmpty)
        #expect(fixture.woken.load(ordering: .relaxed) == 1)
        #expect(fixture.settle(waiting))
        #expect(!fixture.settle(waiting))
    }

    @Test func theEndOfARequestAdmitsTheNext() throws {
        let fixture = Fixture(Self.tier())
        let requests = try (0..<5).map { _ in try #require(fixture.join(key)) }
        #expect(fixture.queue.count == 4)
        for (index, request) in requests.enumerated() {
            #expect(fixture.woken.load(ordering: .relaxed) == index + 1)
            #expect(fixture.settle(request))
        }
        #expect(fixture.queue.isEmpty)
    }

    @Test func withoutAQueueNobodyWaits() {
        #expect(Fixture(Self.tier { $0.queue = nil }).join(key) == nil)
    }

    @Test func noMoreWaitThanItsLength() throws {
        let fixture = Fixture(Self.tier { $0.queue?.length = 2 })
        let first = try #require(fixture.join(key))
        let others = [fixture.join(key), fixture.join(key)]
        #expect(others.allSatisfy { $0 != nil })
        #expect(fixture.join(.of("b")) == nil)
        fixture.queue.leave(try #require(others[0]), at: .at())
        let last = try #require(fixture.join(key))
        #expect(fixture.settle(first))
        #expect(fixture.settle(try #require(others[1])))
        #expect(fixture.settle(last))
    }

    @Test func whoLeavesGivesBackWhatItHolds() throws {
        let fixture = Fixture(Self.tier())
        let first = try #require(fixture.join(key))
        let second = try #require(fixture.join(key))
        // It was admitted, and its client has gone before it noticed.
        fixture.queue.leave(first, at: .at())
        #expect(!fixture.settle(first))
        #expect(fixture.queue.isEmpty)
        #expect(fixture.settle(second))
        #expect(fixture.limiter.states(of: key, at: .at()).allSatisfy { $0.used == 0 && $0.reserved == 0 })
    }

    @Test func timeMakesRoom() throws {
        let fixture = Fixture(
            Self.tier {
                $0[.concurrentRequests] = nil
                $0[.requestsPerMinute] = 60
            })
        for _ in 0..<60 { #expect(fixture.settle(try #require(fixture.join(key)))) }
        let waiting = try #require(fixture.join(key))
        #expect(waiting.nextTry == LimitTime.at(1_000_000).moment)
        fixture.queue.admit(at: .at(999_999))
        #expect(!fixture.settle(waiting))
        fixture.queue.admit(at: .at(1_000_000))
        #expect(fixture.settle(waiting, at: .at(1_000_000)))
    }

    /// Room that comes after the deadline, and room that never comes, are not worth the wait.
    @Test func noTimeIsNotWaitedFor() throws {
        let fixture = Fixture(
            Self.tier {
                $0[.concurrentRequests] = nil
                $0[.tokensPerDay] = 20
            })
        #expect(fixture.settle(try #require(fixture.join(key))))
        let late = try #require(fixture.join(key))
        #expect(late.nextTry == nil)
        fixture.queue.leave(late, at: .at())
        let never = try #require(
            fixture.queue.join(.chat(10, output: 11), of: .of("b"), fixture.tier, at: .at()) {})
        #expect(never.nextTry == nil)
        fixture.queue.leave(never, at: .at())
    }

    @Test func otherKeysPassAFullKeyAndATeamWaitsTogether() throws {
        let fixture = Fixture(
            Self.tier { $0[.concurrentRequests] = 2 }, teams: ["red": "limited"])
        let red = try (0..<2).map { try #require(fixture.join(.of("r\($0)", team: "red"))) }
        let third = try #require(fixture.join(.of("r3", team: "red")))
        let blue = try #require(fixture.join(.of("b")))
        #expect(fixture.queue.count == 1)
        #expect(fixture.settle(blue))
        #expect(!fixture.settle(third))
        #expect(fixture.settle(red[0]))
        #expect(fixture.settle(third))
        #expect(fixture.settle(red[1]))
    }

    /// A user whose limit is full holds up the requests of that user, and no others of the key.
    @Test func aFullPartHoldsUpItsOwnRequests() throws {
        let fixture = Fixture(
            Self.tier {
                $0[.concurrentRequests] = nil
                $0.perUser = [.concurrentRequests: 1]
                $0.perModel["m"] = [.concurrentRequests: 2]
            })
        func join(_ user: String, _ model: String = "n", output: Int64 = 10) throws -> WaitingRequest {
            var request = LimitedRequest.chat(10, output: output)
            (request.user, request.model) = (user, model)
            return try #require(fixture.queue.join(request, of: key, fixture.tier, at: .at()) {})
        }
        let ada = try join("ada", "m")
        let next = try join("ada")
        #expect(fixture.queue.count == 1)
        // One of another user passes, one of the same waits behind, though its model has room.
        let bob = try join("bob", "m")
        #expect(fixture.queue.count == 1)
        let eve = try join("eve", "m")
        let last = try join("ada", "m", output: 1)
        #expect(fixture.queue.count == 3)
        #expect(fixture.settle(bob))
        #expect(fixture.settle(eve))
        #expect(fixture.queue.count == 2)
        #expect(fixture.settle(ada))
        #expect(fixture.settle(next))
        #expect(fixture.settle(last))
        #expect(fixture.queue.isEmpty)
    }

    /// A full part of a team is one for all its keys.
    @Test func aFullPartOfATeamHoldsUpItsKeys() throws {
        let team = Self.tier {
            $0[.concurrentRequests] = nil
            $0.perUser = [.concurrentRequests: 1]
        }
        let fixture = Fixture(team, teams: ["red": "limited"])
        func join(_ id: String, _ user: String) throws -> WaitingRequest {
            var request = LimitedRequest.chat(10, output: 10)
            request.user = user
            let key = KeyRecord.of(id, tier: "monthly", team: "red")
            return try #require(fixture.queue.join(request, of: key, fixture.tier, at: .at()) {})
        }
        let first = try join("a", "ada")
        let second = try join("b", "ada")
        let third = try join("c", "ada")
        let other = try join("b", "bob")
        #expect(fixture.queue.count == 2)
        for request in [other, first, second, third] { #expect(fixture.settle(request)) }
    }
}
