import SeededRandom
import Testing

@testable import Policy

@Suite struct WaitingLineTests {
    private func join(_ line: inout WaitingLine<Int>, _ element: Int, key: String, weight: Int = 1) -> LineTurn {
        let turn = line.nextTurn(of: key, weight: weight)
        line.join(element, at: turn, key: key, tier: "t")
        return turn
    }

    /// All elements in the order of their turns, one taken in each round.
    private func order(_ line: inout WaitingLine<Int>) -> [Int] {
        var order: [Int] = []
        while !line.places.isEmpty {
            line.takeTurns { place in
                order.append(place.element)
                return .goesOn
            }
        }
        return order
    }

    @Test func equalKeysTakeTurns() {
        var line = WaitingLine<Int>()
        for element in 0..<3 { _ = join(&line, element, key: "a") }
        for element in 10..<13 { _ = join(&line, element, key: "b") }
        #expect(order(&line) == [0, 10, 1, 11, 2, 12])
    }

    @Test func aWeightIsAShareOfTheTurns() {
        var line = WaitingLine<Int>()
        for element in 0..<40 { _ = join(&line, element, key: "a") }
        for element in 100..<140 { _ = join(&line, element, key: "b", weight: 3) }
        let first = order(&line).prefix(40)
        #expect(first.count { $0 < 100 } == 10)
    }

    /// A key that comes later has its turn at once, and none of the past.
    @Test func whoComesLaterCatchesUpNothing() {
        var line = WaitingLine<Int>()
        for element in 0..<100 { _ = join(&line, element, key: "a") }
        for _ in 0..<50 {
            var hasTaken = false
            line.takeTurns { _ in
                defer { hasTaken = true }
                return hasTaken ? .endsTheRound : .goesOn
            }
        }
        for element in 100..<104 { _ = join(&line, element, key: "b") }
        #expect(order(&line).prefix(8).count { $0 >= 100 } == 4)
    }

    @Test func whoWaitsHoldsUpItsOwnKeyAlone() {
        var line = WaitingLine<Int>()
        for element in 0..<3 { _ = join(&line, element, key: "a") }
        for element in 10..<13 { _ = join(&line, element, key: "b") }
        var asked: [Int] = []
        line.takeTurns { place in
            asked.append(place.element)
            return place.key == "a" ? .waits : .goesOn
        }
        #expect(asked == [0, 10, 11, 12])
        #expect(line.places.map(\.element) == [0, 1, 2])
        line.takeTurns { _ in .endsTheRound }
        #expect(line.places.count == 3)
    }

    @Test func whoLeavesIsNotAskedAnyMore() {
        var line = WaitingLine<Int>()
        let first = join(&line, 1, key: "a")
        let second = join(&line, 2, key: "b")
        line.leave(first)
        line.leave(first)
        #expect(line.count(inTier: "t") == 1 && line.count(inTier: "other") == 0)
        #expect(order(&line) == [2])
        line.leave(second)
        #expect(line.places.isEmpty)
    }

    @Test func aTurnIsNobodyElses() {
        var line = WaitingLine<Int>()
        let first = join(&line, 1, key: "a")
        #expect(order(&line) == [1])
        _ = join(&line, 2, key: "a")
        line.leave(first)
        #expect(line.places.map(\.element) == [2])
    }

    /// Whatever happens: nobody is lost or asked twice, a key's requests stay in their order, and places are sorted.
    @Test func nobodyIsLost() {
        var generator = SeededGenerator(seed: 13)
        var line = WaitingLine<Int>()
        var present: [Int: LineTurn] = [:]
        var last: [String: Int] = [:]
        for element in 0..<5000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let key = "k\(Int.random(in: 0..<5, using: &generator))"
                present[element] = join(&line, element, key: key, weight: Int.random(in: 0...1000, using: &generator))
            case 2:
                guard let (element, turn) = present.randomElement(using: &generator) else { continue }
                line.leave(turn)
                present[element] = nil
            default:
                line.takeTurns { place in
                    guard Bool.random(using: &generator) else { return .waits }
                    #expect(last[place.key, default: -1] < place.element)
                    #expect(present.removeValue(forKey: place.element) == place.turn)
                    last[place.key] = place.element
                    return .goesOn
                }
            }
            #expect(line.places.count == present.count)
            #expect(zip(line.places, line.places.dropFirst()).allSatisfy { $0.turn < $1.turn })
        }
    }
}
