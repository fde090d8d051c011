import SeededRandom
import Testing

@testable import Store

@Suite struct GroupTableTests {
    /// Any order of insertions and searches, against a dictionary.
    @Test func saysWhatADictionarySays() {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<60 {
            var table = GroupTable<Int>()
            var model: [Int64: Int] = [:]
            let span: ClosedRange<Int64> = round % 3 == 0 ? .min ... .max : 0...Int64(round)
            var number: Int64 = 0
            for step in 0..<200 {
                // Ascending for a while, then anywhere.
                number =
                    Int.random(in: 0..<4, using: &generator) == 0 ? .random(in: span, using: &generator) : number &+ 1
                if Bool.random(using: &generator) {
                    table.insert(step, for: number)
                    model[number] = step
                }
                #expect(table.value(of: number) == model[number])
                let other = model.keys.randomElement(using: &generator) ?? 0
                #expect(table.value(of: other) == model[other])
            }
        }
    }
}
