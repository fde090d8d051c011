import Testing

@testable import Transport

@Suite struct TemporaryFileTests {
    @Test func whatIsWrittenIsReadAtAnyOffset() throws {
        var file = try TemporaryFile(in: "/tmp")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try bytes[..<60_000].withUnsafeBytes { try file.append($0) }
        try bytes[60_000...].withUnsafeBytes { try file.append($0) }
        #expect(file.size == bytes.count)
        var buffer = [UInt8](repeating: 0, count: 1000)
        for offset in [0, 59_500, 99_900] {
            let count = try buffer.withUnsafeMutableBytes { try file.read(at: offset, into: $0) }
            #expect(Array(buffer[..<count]) == Array(bytes[offset...].prefix(1000)))
        }
    }

    @Test func aMissingDirectoryIsSaid() {
        #expect(throws: SystemError.self) { _ = try TemporaryFile(in: "/nonexistent/directory") }
    }
}
