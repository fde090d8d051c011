import Glibc
import Testing

@testable import propylon

@Suite struct ConsoleTests {
    @Test func aLineIsWrittenInOnePiece() {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        writeLine("é\ttwo", to: ends[1])
        close(ends[1])
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(ends[0], &buffer, buffer.count)
        close(ends[0])
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "é\ttwo\n")
    }

    @Test func aClosedDescriptorIsIgnored() {
        writeLine("nobody reads this", to: -1)
    }
}
