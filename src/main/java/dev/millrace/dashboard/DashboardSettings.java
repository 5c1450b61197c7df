package dev.millrace.dashboard;

import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link DashboardServer} serves, and to whom. Immutable.
 *
 * @param sources metrics files, and folders in which they are looked for
 * @param host address to listen on
 * @param port port to listen on; 0 for any free one
 * @param allowRemote whether {@code host} may be another than this machine's own loopback address
 * @param allowedHosts names, beside {@code host} and those of the loopback address, under which a browser may ask
 */
public record DashboardSettings(
        List<Path> sources, String host, int port, boolean allowRemote, List<String> allowedHosts) {
    private static final int LARGEST_PORT = 65_535;

    public DashboardSettings {
        sources = List.copyOf(sources);
        allowedHosts = List.copyOf(allowedHosts);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("Expected a metrics file or a folder of runs, found none.");
        }
        if (port < 0 || port > LARGEST_PORT) {
            throw new IllegalArgumentException("Expected a port 0.." + LARGEST_PORT + ", found " + port + ".");
        }
    }

    /** Serves to this machine only, on any free port. */
    public static DashboardSettings of(List<Path> sources) {
        return new DashboardSettings(sources, "127.0.0.1", 0, false, List.of());
    }

    /** The same on another port. */
    public DashboardSettings withPort(int other) {
        return new DashboardSettings(sources, host, other, allowRemote, allowedHosts);
    }

    /** The same on an address that other machines reach, under its own and these names. */
    public DashboardSettings withRemote(String address, List<String> names) {
        return new DashboardSettings(sources, address, port, true, names);
    }
}
