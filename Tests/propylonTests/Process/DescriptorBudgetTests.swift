import SeededRandom
import Testing

@testable import propylon

@Suite struct DescriptorBudgetTests {
    private func budget(_ limit: Int, inUse: Int = 30, clients: Int = 8192, upstream: Int = 8192) -> DescriptorBudget {
        DescriptorBudget(limit: limit, inUse: inUse, wanted: .init(clients: clients, upstream: upstream))
    }

    @Test func aHighLimitLeavesTheConfigurationAsItIs() {
        let budget = budget(524_288)
        #expect(budget.clients == 8192)
        #expect(budget.refusals == 64)
        #expect(budget.upstream == 8192)
        #expect(budget.admin == 64)
        #expect(budget.warning == nil)
    }

    @Test func aLowLimitIsSharedOutAndSaid() throws {
        let budget = budget(60)
        #expect(budget.clients == 9)
        #expect(budget.refusals == 2)
        #expect(budget.upstream == 11)
        #expect(budget.admin == 3)
        let warning = try #require(budget.warning)
        #expect(warning.contains("limit of 60 open files allows 9 client connections and 11 upstream connections"))
        #expect(warning.contains("limits.connections is 8192"))
    }

    /// A small pool of connections to the upstream leaves more to clients.
    @Test func whatTheUpstreamDoesNotNeedIsTheClients() {
        let budget = budget(1024, upstream: 10)
        #expect(budget.upstream == 10)
        #expect(budget.clients > 500)
    }

    @Test func nothingIsSharedOutTwice() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let (limit, inUse) = (random.number(0...20_000), random.number(0...300))
            let budget = budget(
                limit, inUse: inUse, clients: random.number(1...10_000), upstream: random.number(1...10_000))
            let sum = budget.clients + budget.refusals + budget.upstream + budget.admin
            // Each share is at least one, however little there is.
            #expect(sum <= max(limit - inUse, 4))
            #expect(budget.clients >= 1 && budget.upstream >= 1 && budget.admin >= 1 && budget.refusals >= 1)
            #expect(budget.clients <= budget.wanted.clients && budget.upstream <= budget.wanted.upstream)
        }
    }
}
