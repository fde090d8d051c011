import Clocks
import Testing

@testable import Policy

/// Many threads on one limiter: the limits hold exactly.
@Suite struct LimiterThreadsTests {
    @Test func aLimitIsNeverOverspent() async {
        let limiter = Limiter(
            .of(
                .limited { _ in }, .limited("account") { $0[.outputTokensPerHour] = 10_000 }, account: "account"))
        let keys = (1...8).map { KeyRecord.of(String(repeating: "k", count: $0)) }
        let got = await withTaskGroup(of: Int64.self) { group in
            for key in keys {
                group.addTask {
                    var got: Int64 = 0
                    for _ in 0..<400
                    where limiter.tries(
                        .chat(0, output: 10), of: key, at: .at(), used: .init(tokens: 10, outputTokens: 10))
                    { got += 10 }
                    return got
                }
            }
            return await group.reduce(0, +)
        }
        let state = limiter.states(of: nil, at: .at())[0]
        #expect(got <= 10_000)
        #expect(state.used == got)
        #expect(state.reserved == 0)
    }

    @Test func nothingIsLostWhereEverythingIsGivenBack() async {
        let limiter = Limiter(
            .of(.limited { tier in for kind in LimitKind.allCases { tier[kind] = 1000 } }, account: "limited"))
        await withTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                let key = KeyRecord.of(String(repeating: "k", count: number))
                group.addTask { for _ in 0..<200 { limiter.tries(.chat(0, output: 10), of: key, at: .at()) } }
            }
        }
        for state in limiter.states(of: nil, at: .at()) {
            #expect(state.used == 0, "\(state.kind)")
            #expect(state.reserved == 0, "\(state.kind)")
        }
    }
}
