import Testing

@testable import Scanners

@Suite struct JSONCodeUnitTests {
    /// Adds the four digits of `unit`.
    private func add(_ unit: UInt32, to codeUnit: inout JSONCodeUnit) {
        for shift in [12, 8, 4, 0] as [UInt32] {
            let isComplete = codeUnit.add(UInt8(unit >> shift & 0xF))
            #expect(isComplete == (shift == 0))
        }
    }

    @Test func everyUnitThatIsNoSurrogateIsItself() {
        for unit in stride(from: UInt32(0), through: 0xFFFF, by: 61) where unit & 0xF800 != 0xD800 {
            var codeUnit = JSONCodeUnit()
            codeUnit.begin(isAfterHighSurrogate: false)
            add(unit, to: &codeUnit)
            let result = codeUnit.complete()
            #expect(result.meaning == .scalar(unit, length: 6))
            #expect(!result.isAfterLoneSurrogate)
        }
    }

    @Test(arguments: [0x10000, 0x1F600, 0xFFFFF, 0x10FFFF] as [UInt32]) func twoSurrogatesAreOneScalar(value: UInt32) {
        var codeUnit = JSONCodeUnit()
        let units = Array(String(Character(Unicode.Scalar(value)!)).utf16)
        codeUnit.begin(isAfterHighSurrogate: false)
        add(UInt32(units[0]), to: &codeUnit)
        let first = codeUnit.complete().meaning
        #expect(first == .highSurrogate)
        codeUnit.begin(isAfterHighSurrogate: true)
        add(UInt32(units[1]), to: &codeUnit)
        let result = codeUnit.complete()
        #expect(result.meaning == .scalar(value, length: 12))
        #expect(!result.isAfterLoneSurrogate)
    }

    @Test func aLowSurrogateAloneIsReplaced() {
        var codeUnit = JSONCodeUnit()
        codeUnit.begin(isAfterHighSurrogate: false)
        add(0xDE00, to: &codeUnit)
        let meaning = codeUnit.complete().meaning
        #expect(meaning == .scalar(0xFFFD, length: 6))
    }

    @Test func aHighSurrogateBeforeAnotherUnitIsAlone() {
        for (unit, meaning) in [
            (0x41, .scalar(0x41, length: 6)), (0xD83D, .highSurrogate),
        ] as [(UInt32, JSONCodeUnit.Meaning)] {
            var codeUnit = JSONCodeUnit()
            codeUnit.begin(isAfterHighSurrogate: false)
            add(0xD83D, to: &codeUnit)
            _ = codeUnit.complete()
            codeUnit.begin(isAfterHighSurrogate: true)
            add(unit, to: &codeUnit)
            let result = codeUnit.complete()
            #expect(result.meaning == meaning)
            #expect(result.isAfterLoneSurrogate)
        }
    }

    @Test func aNewEscapeForgetsTheHighSurrogate() {
        var codeUnit = JSONCodeUnit()
        codeUnit.begin(isAfterHighSurrogate: false)
        add(0xD83D, to: &codeUnit)
        _ = codeUnit.complete()
        codeUnit.begin(isAfterHighSurrogate: false)
        add(0xDE00, to: &codeUnit)
        let result = codeUnit.complete()
        #expect(result.meaning == .scalar(0xFFFD, length: 6))
        #expect(!result.isAfterLoneSurrogate)
    }
}
