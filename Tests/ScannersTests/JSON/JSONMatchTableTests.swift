import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONMatchTableTests {
    private func table(_ count: Int = 4) -> JSONMatchTable {
        JSONMatchTable([JSONMatchTable.Slot](repeating: JSONMatchTable.Slot(), count: count))
    }

    @Test func anEmptyTableHasNoMatch() {
        let table = table()
        for index in 0..<4 {
            #expect(table.has(index) == false)
            #expect(table.kind(index) == nil)
            #expect(table.match(index) == nil)
            #expect(table.integer(index) == nil)
            #expect(table.textLength(index) == (0, 0))
        }
    }

    @Test func aMatchIsThatOfItsPathsOnly() {
        var table = table()
        table.publish(.true, for: 0b0101, from: 3, to: 7, member: JSONMemberPosition(), isEmpty: false)
        #expect((0..<4).map { table.kind($0) } == [.true, nil, .true, nil])
        #expect(table.match(0) == table.match(2))
        #expect(table.match(0)?.range == 3..<7)
        #expect(table.match(0)?.memberStart == nil)
        #expect(table.match(0)?.removal == nil)
    }

    @Test func theRemovalOfALaterMemberBeginsWithItsComma() {
        var table = table()
        table.publish(
            .null, for: 1, from: 20, to: 24, member: JSONMemberPosition(start: 15, comma: 14), isEmpty: false)
        #expect(table.awaitsComma == false)
        #expect(table.match(0)?.memberStart == 15)
        #expect(table.match(0)?.removal == 14..<24)
    }

    @Test func theRemovalOfTheFirstMemberEndsWithTheCommaAfterIt() {
        var table = table()
        table.publish(.null, for: 1, from: 6, to: 10, member: JSONMemberPosition(start: 1), isEmpty: false)
        #expect(table.awaitsComma == true)
        #expect(table.match(0)?.removal == nil)
        table.completeRemovals(at: 12)
        #expect(table.awaitsComma == false)
        #expect(table.match(0)?.removal == 1..<12)
    }

    @Test func theRemovalOfTheOnlyMemberEndsWithIt() {
        var table = table()
        table.publish(.null, for: 0b11, from: 6, to: 10, member: JSONMemberPosition(start: 1), isEmpty: false)
        table.completeRemovalsOfOnlyMembers()
        #expect(table.match(0)?.removal == 1..<10)
        #expect(table.match(1)?.removal == 1..<10)
    }

    @Test func removedMatchesLoseTheirSums() {
        var table = table()
        table.publish(.array, for: 0b11, from: 0, to: 9, member: JSONMemberPosition(), isEmpty: false)
        table.addElements(3, for: 0b11)
        table.addText(scalars: 4, utf8Bytes: 5, for: 0b11)
        table.remove(0b01)
        #expect(table.has(0) == false)
        #expect(table.textLength(0) == (0, 0))
        #expect(table.match(1)?.elements == 3)
        #expect(table.textLength(1) == (4, 5))
        table.publish(.array, for: 0b01, from: 10, to: 12, member: JSONMemberPosition(), isEmpty: true)
        #expect(table.match(0)?.elements == 0)
        #expect(table.match(0)?.contentIsEmpty == true)
    }

    @Test func resetRemovesEverything() {
        var table = table()
        table.publish(.string, for: 0b11, from: 0, to: 9, member: JSONMemberPosition(start: 0), isEmpty: false)
        table.keep(Array("text".utf8).span, for: 0b11, limit: 10)
        table.addText(scalars: 4, utf8Bytes: 4, for: 0b111)
        table.reset()
        #expect(table.awaitsComma == false)
        #expect(table.texts.isEmpty == true)
        for index in 0..<4 {
            #expect(table.has(index) == false)
            #expect(table.textLength(index) == (0, 0))
        }
    }

    /// The model is a dictionary with the last text of each path.
    @Test(arguments: 0..<50) func theLastTextOfEachPathIsKept(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var table = table()
        var model: [Int: String?] = [:]
        for _ in 0..<200 {
            let paths = UInt64(random.number(1...15))
            let text = String(repeating: random.pick(["a", "bc", "é"]), count: random.number(0...40))
            table.publish(.string, for: paths, from: 0, to: 1, member: JSONMemberPosition(), isEmpty: false)
            table.keep(Array(text.utf8).span, for: paths, limit: 50)
            for index in 0..<4 where paths >> UInt64(index) & 1 == 1 {
                model[index] = .some(text.utf8.count <= 50 ? text : nil)
            }
            for (index, text) in model { #expect(table.match(index)?.text == text) }
        }
        // Each path keeps a room of 50 bytes at most, and has abandoned rooms of 49, 24, 12, 6, 3 and 1 byte at most.
        #expect(table.texts.count <= 4 * (50 + 95))
    }
}
