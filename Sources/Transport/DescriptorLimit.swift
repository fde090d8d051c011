import Glibc

/// Limit of the system on descriptors of this process: sockets, files and event sources together.
package enum DescriptorLimit {
    /// Raises the limit as far as the system lets a process do so itself, and returns it.
    package static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        // RLIM_INFINITY is the largest number.
        return Int(clamping: limit.rlim_cur)
    }

    /// Number of descriptors that are open now.
    package static var openCount: Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        // `.`, `..` and the folder's own descriptor are no others.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return max(0, count)
    }
}
