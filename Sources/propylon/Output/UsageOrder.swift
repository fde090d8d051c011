import ArgumentParser
import Store

/// The value of `--sort`.
extension UsageOrder: ExpressibleByArgument {}
