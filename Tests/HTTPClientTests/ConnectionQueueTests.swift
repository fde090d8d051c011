import SeededRandom
import Testing

@testable import HTTPClient

@Suite struct ConnectionQueueTests {
    @Test func placesAreGivenUpToTheLimit() {
        var queue = ConnectionQueue(limit: 3)
        let given = (0..<5).map { _ in queue.takePlace() }
        #expect(given == [true, true, true, false, false])
        #expect(queue.open == 3)
    }

    @Test func aLimitIsAtLeastOne() {
        var queue = ConnectionQueue(limit: 0)
        let given = queue.takePlace()
        #expect(given)
    }

    @Test func aPlaceThatBecomesFreeBelongsToTheFirst() {
        var queue = ConnectionQueue(limit: 1)
        _ = queue.takePlace()
        let tickets = (0..<3).map { _ in queue.join(pool: 0) }
        let granted = queue.connectionClosed()
        #expect(granted?.ticket == tickets[0])
        let isStillWaiting = queue.leave(tickets[0])
        #expect(!isStillWaiting, "who leaves learns that he has a place")
        let overtaken = queue.takePlace()
        #expect(!overtaken)
        let freed = queue.connectionFreed(in: 0)
        #expect(freed == .hand(tickets[1]))
    }

    @Test func aPoolKeepsSomeConnectionsForItsOwnWaiters() {
        var queue = ConnectionQueue(limit: 1)
        _ = queue.takePlace()
        let foreign = queue.join(pool: 1)
        let own = (0..<20).map { _ in queue.join(pool: 0) }
        for ticket in own.prefix(ConnectionQueue.passesOfOtherPools) {
            let freed = queue.connectionFreed(in: 0)
            #expect(freed == .hand(ticket))
        }
        let freed = queue.connectionFreed(in: 0)
        #expect(freed == .close, "the other pool's turn")
        let granted = queue.connectionClosed()
        #expect(granted?.ticket == foreign)
        #expect(granted?.pool == 1)
    }

    @Test func aPoolWithoutWaitersGivesItsConnectionToAnotherOne() {
        var queue = ConnectionQueue(limit: 1)
        _ = queue.takePlace()
        _ = queue.join(pool: 1)
        let freed = queue.connectionFreed(in: 0)
        #expect(freed == .close)
    }

    @Test func aLowerLimitHoldsAfterTheExchangesUnderWay() {
        var queue = ConnectionQueue(limit: 3)
        for _ in 0..<3 { _ = queue.takePlace() }
        _ = queue.join(pool: 0)
        _ = queue.setLimit(1)
        for _ in 0..<2 {
            let freed = queue.connectionFreed(in: 0)
            #expect(freed == .close)
            let granted = queue.connectionClosed()
            #expect(granted == nil)
        }
        let freed = queue.connectionFreed(in: 0)
        #expect(freed == .hand(0))
    }

    @Test func aHigherLimitServesThoseWhoWait() {
        var queue = ConnectionQueue(limit: 1)
        _ = queue.takePlace()
        let tickets = (0..<3).map { queue.join(pool: $0) }
        let granted = queue.setLimit(3)
        #expect(granted.map(\.ticket) == Array(tickets.prefix(2)))
        #expect(queue.open == 3)
        #expect(queue.waiting == 1)
    }

    // MARK: Any order of events

    /// Pools that use the queue as `ConnectionPool` does, with messages between them that arrive at any later time.
    private struct Model {
        var queue: ConnectionQueue
        var busy: [Int]
        var idle: [Int]
        /// Pools that were asked for their idle connections and have not looked yet.
        var asked: [Int] = []
        /// Tickets of each pool that wait, or whose grant is on its way.
        var waiting: [[ConnectionQueue.Ticket]]
        /// Places that were granted and whose owner has not heard of it.
        var granted: [ConnectionQueue.Entry] = []
        var served = 0
        /// How many later tickets each ticket saw before it was served.
        var overtaken: [ConnectionQueue.Ticket: Int] = [:]

        init(limit: Int, pools: Int) {
            queue = ConnectionQueue(limit: limit)
            busy = Array(repeating: 0, count: pools)
            idle = busy
            waiting = Array(repeating: [], count: pools)
        }

        var pools: Range<Int> { busy.indices }

        mutating func request(_ pool: Int) {
            if idle[pool] > 0 {
                idle[pool] -= 1
                busy[pool] += 1
            } else if queue.takePlace() {
                busy[pool] += 1
            } else {
                let ticket = queue.join(pool: pool)
                waiting[pool].append(ticket)
                overtaken[ticket] = 0
                asked += pools.filter { $0 != pool }
            }
        }

        mutating func end(_ pool: Int, isReusable: Bool) {
            guard busy[pool] > 0 else { return }
            busy[pool] -= 1
            guard isReusable else { return close() }
            switch queue.connectionFreed(in: pool) {
            case .keep: idle[pool] += 1
            case .hand(let ticket): serve(ticket, of: pool)
            case .close: close()
            }
        }

        mutating func close() {
            if let entry = queue.connectionClosed() { granted.append(entry) }
        }

        mutating func surrender(_ index: Int) {
            let pool = asked.remove(at: index)
            while queue.waiting > 0, idle[pool] > 0 {
                idle[pool] -= 1
                close()
            }
        }

        mutating func deliver(_ index: Int) {
            let entry = granted.remove(at: index)
            // One that left meanwhile has the place already, and gave it back.
            if waiting[entry.pool].contains(entry.ticket) { serve(entry.ticket, of: entry.pool) }
        }

        mutating func leave(_ pool: Int, _ index: Int) {
            let ticket = waiting[pool].remove(at: index)
            overtaken[ticket] = nil
            if !queue.leave(ticket) { close() }
        }

        private mutating func serve(_ ticket: ConnectionQueue.Ticket, of pool: Int) {
            waiting[pool].removeAll { $0 == ticket }
            busy[pool] += 1
            served += 1
            overtaken[ticket] = nil
            for earlier in overtaken.keys where earlier < ticket { overtaken[earlier, default: 0] += 1 }
        }

        /// Places by their holders. Equals the queue's count.
        var places: Int {
            let underWay = granted.filter { waiting[$0.pool].contains($0.ticket) }.count
            return busy.reduce(0, +) + idle.reduce(0, +) + underWay
        }
    }

    @Test(arguments: 0..<60) func noOrderOfEventsLosesAPlaceOrAWaiter(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var model = Model(limit: random.number(1...6), pools: random.number(1...4))
        for _ in 0..<3000 {
            let pool = random.number(0...(model.pools.count - 1))
            switch random.number(0...9) {
            case 0...3: model.request(pool)
            case 4...6: model.end(pool, isReusable: !random.once(in: 4))
            case 7 where !model.asked.isEmpty: model.surrender(random.number(0...(model.asked.count - 1)))
            case 8 where !model.granted.isEmpty: model.deliver(random.number(0...(model.granted.count - 1)))
            case 9 where !model.waiting[pool].isEmpty && random.once(in: 3):
                model.leave(pool, random.number(0...(model.waiting[pool].count - 1)))
            default: break
            }
            #expect(model.places == model.queue.open)
            #expect(model.queue.open <= model.queue.limit)
            #expect(model.queue.waiting == 0 || model.queue.open == model.queue.limit, "a free place while one waits")
        }
        // Everything ends, in any order of messages: nobody is left waiting.
        while !model.asked.isEmpty || !model.granted.isEmpty || model.busy.contains(where: { $0 > 0 }) {
            if !model.asked.isEmpty { model.surrender(random.number(0...(model.asked.count - 1))) }
            if !model.granted.isEmpty { model.deliver(random.number(0...(model.granted.count - 1))) }
            let busy = model.pools.filter { model.busy[$0] > 0 }
            if !busy.isEmpty { model.end(random.pick(busy), isReusable: random.once(in: 2)) }
        }
        #expect(model.queue.waiting == 0)
        #expect(model.waiting.allSatisfy { $0.isEmpty })
        #expect(model.served > 0)
    }

    /// With one pool the order is that of arrival; with several, those of other pools pass a few times at most.
    @Test(arguments: 1...4) func nobodyIsOvertakenOften(pools: Int) {
        var random = SeededGenerator(seed: 9)
        var model = Model(limit: 4, pools: pools)
        let most = pools == 1 ? 0 : ConnectionQueue.passesOfOtherPools * 20
        for _ in 0..<20_000 {
            let pool = random.number(0...(pools - 1))
            if model.waiting.map(\.count).reduce(0, +) < 20 { model.request(pool) }
            let busy = model.pools.filter { model.busy[$0] > 0 }
            if !busy.isEmpty { model.end(random.pick(busy), isReusable: true) }
            while !model.asked.isEmpty { model.surrender(0) }
            while !model.granted.isEmpty { model.deliver(0) }
            #expect((model.overtaken.values.max() ?? 0) <= most)
        }
    }
}
