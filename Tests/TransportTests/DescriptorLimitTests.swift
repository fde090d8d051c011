import Glibc
import Testing

@testable import Transport

@Suite struct DescriptorLimitTests {
    @Test func theLimitIsAsHighAsItMayBe() {
        let raised = DescriptorLimit.raise()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
        #expect(raised == Int(clamping: limit.rlim_max))
        #expect(DescriptorLimit.raise() == raised)
    }

    /// Other tests open and close descriptors meanwhile, so that the number has bounds alone: no descriptor below the lowest free
    /// one is missing, and none is counted twice.
    @Test func openDescriptorsAreCounted() {
        let numbers = (0..<500).map { _ in dup(0) }
        let count = DescriptorLimit.openCount
        let highest = (0..<Int32(1 << 16)).last { fcntl($0, F_GETFD) >= 0 } ?? 0
        for number in numbers { close(number) }
        #expect(count >= 500)
        #expect(count <= Int(highest) + 100)
    }
}
