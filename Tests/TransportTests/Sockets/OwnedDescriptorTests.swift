import Glibc
import Testing

@testable import Transport

@Suite struct OwnedDescriptorTests {
    @Test func theDescriptorIsClosedWithItsOwner() {
        let other = Pipe()
        defer { other.close() }
        let number = dup(other.reading)
        do { _ = OwnedDescriptor(taking: number) }
        // A number that another thread reused meanwhile is not the pipe's.
        #expect(!isSameFile(number, other.reading))
    }

    @Test func aReleasedDescriptorStaysOpen() {
        let other = Pipe()
        defer { other.close() }
        let number = dup(other.reading)
        let owned = OwnedDescriptor(taking: number)
        let released = owned.release()
        #expect(released == number)
        #expect(isSameFile(number, other.reading))
        Glibc.close(number)
    }

    private func isSameFile(_ first: Int32, _ second: Int32) -> Bool {
        var (one, two) = (stat(), stat())
        guard fstat(first, &one) == 0, fstat(second, &two) == 0 else { return false }
        return one.st_ino == two.st_ino && one.st_dev == two.st_dev
    }
}

private struct Pipe {
    let reading: Int32
    let writing: Int32

    init() {
        var numbers: [Int32] = [0, 0]
        pipe(&numbers)
        (reading, writing) = (numbers[0], numbers[1])
    }

    func close() {
        Glibc.close(reading)
        Glibc.close(writing)
    }
}
