package dev.millrace.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a control group allows this process, where that is less than the machine has: a container, a batch system's job. Version
 * 2 and version 1 of the kernel's interface (cgroups(7)). Found once; immutable.
 *
 * @param cpu the processors it may use, if they are fewer
 * @param memory the memory it may use, if it is less
 */
record Cgroup(Optional<CpuLimit> cpu, Optional<MemoryLimit> memory) {
    /** Version 1 says "no limit" with a number near 2^63. */
    private static final long NO_LIMIT = 1L << 60;

    private static final long NANOS_PER_MICRO = 1000;

    /**
     * Processor time.
     *
     * @param folder of the group that has the limit
     * @param version2 which interface it speaks
     * @param cores processors' worth of time, not always whole
     */
    record CpuLimit(Path folder, boolean version2, double cores) {
        /** CPU time of the group so far. */
        long usedNanos(ProcReader files) throws IOException {
            if (!version2) {
                files.readHead(folder.resolve("cpuacct.usage").toString());
                return files.number();
            }
            files.readHead(folder.resolve("cpu.stat").toString());
            if (!files.seekLine("usage_usec ")) {
                throw new IOException("Expected usage_usec in " + folder + "/cpu.stat, found none.");
            }
            return files.number() * NANOS_PER_MICRO;
        }
    }

    /**
     * Memory.
     *
     * @param folder of the group that has the limit
     * @param version2 which interface it speaks
     * @param bytes the limit
     */
    record MemoryLimit(Path folder, boolean version2, long bytes) {
        /** Memory in use, without cached file pages that the kernel would give back first. */
        long usedBytes(ProcReader files) throws IOException {
            files.readHead(folder.resolve(version2 ? "memory.current" : "memory.usage_in_bytes")
                    .toString());
            long used = files.number();
            files.readAll(folder.resolve("memory.stat").toString());
            long cached = files.seekLine(version2 ? "inactive_file " : "total_inactive_file ") ? files.number() : 0;
            return Math.max(0, used - cached);
        }
    }

    /** A hierarchy that this process is in: from its own group up to where it is mounted. */
    private record Hierarchy(List<Path> groups, boolean version2) {}

    static final Cgroup NONE = new Cgroup(Optional.empty(), Optional.empty());

    /**
     * The limits of the calling process.
     *
     * @param proc usually {@code /proc}
     * @param cores of the machine
     * @param memoryBytes of the machine
     */
    static Cgroup find(Path proc, int cores, long memoryBytes) {
        try {
            List<String> mounts = Files.readAllLines(proc.resolve("self/mountinfo"));
            List<String> groups = Files.readAllLines(proc.resolve("self/cgroup"));
            return new Cgroup(cpu(mounts, groups, cores), memory(mounts, groups, memoryBytes));
        } catch (IOException | RuntimeException unknown) {
            // Without control groups, or with ones that look like no others: the machine is the limit.
            return NONE;
        }
    }

    private static Optional<CpuLimit> cpu(List<String> mounts, List<String> memberships, int cores) {
        CpuLimit least = null;
        for (Hierarchy hierarchy : hierarchies(mounts, memberships, "cpu")) {
            for (Path group : hierarchy.groups) {
                double limit = hierarchy.version2
                        ? quota(text(group, "cpu.max").split(" "))
                        : quota(text(group, "cpu.cfs_quota_us"), text(group, "cpu.cfs_period_us"));
                Path usage = hierarchy.version2 ? group.resolve("cpu.stat") : group.resolve("cpuacct.usage");
                if (limit < (least == null ? cores : least.cores) && Files.isReadable(usage)) {
                    least = new CpuLimit(group, hierarchy.version2, limit);
                }
            }
        }
        return Optional.ofNullable(least);
    }

    private static Optional<MemoryLimit> memory(List<String> mounts, List<String> memberships, long memoryBytes) {
        MemoryLimit least = null;
        for (Hierarchy hierarchy : hierarchies(mounts, memberships, "memory")) {
            for (Path group : hierarchy.groups) {
                long limit = bytes(text(group, hierarchy.version2 ? "memory.max" : "memory.limit_in_bytes"));
                if (limit < (least == null ? memoryBytes : least.bytes)) {
                    least = new MemoryLimit(group, hierarchy.version2, limit);
                }
            }
        }
        return Optional.ofNullable(least);
    }

    private static double quota(String... quotaAndPeriod) {
        if (quotaAndPeriod.length != 2 || !quotaAndPeriod[0].matches("\\d+") || !quotaAndPeriod[1].matches("\\d+")) {
            return Double.POSITIVE_INFINITY;
        }
        double period = Double.parseDouble(quotaAndPeriod[1]);
        double quota = Double.parseDouble(quotaAndPeriod[0]);
        return quota > 0 && period > 0 ? quota / period : Double.POSITIVE_INFINITY;
    }

    private static long bytes(String limit) {
        return limit.matches("\\d{1,18}") ? Math.min(NO_LIMIT, Long.parseLong(limit)) : NO_LIMIT;
    }

    private static String text(Path group, String file) {
        try {
            return Files.readString(group.resolve(file)).strip();
        } catch (IOException absent) {
            return "";
        }
    }

    /** Each line of mountinfo: id, parent, device, root, mount point, options, …, "-", type, source, super options. */
    private static List<Hierarchy> hierarchies(List<String> mounts, List<String> memberships, String controller) {
        List<Hierarchy> found = new ArrayList<>();
        for (String mount : mounts) {
            String[] fields = mount.split(" ");
            int dash = List.of(fields).indexOf("-");
            if (dash < 5 || dash + 3 >= fields.length) {
                continue;
            }
            boolean version2 = fields[dash + 1].equals("cgroup2");
            boolean version1 = fields[dash + 1].equals("cgroup")
                    && List.of(fields[dash + 3].split(",")).contains(controller);
            String group = version2 ? membership(memberships, "") : membership(memberships, controller);
            if ((version2 || version1) && group != null) {
                found.add(new Hierarchy(groups(Path.of(fields[4]), fields[3], group), version2));
            }
        }
        return found;
    }

    /** The group of this process in a hierarchy, each line being {@code number:controllers:group}; version 2 has no controllers. */
    private static @Nullable String membership(List<String> memberships, String controller) {
        for (String line : memberships) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains(controller)) {
                return fields[2];
            }
        }
        return null;
    }

    /** A container may have only its own part mounted, with names that begin elsewhere. */
    private static List<Path> groups(Path mountPoint, String mountedRoot, String group) {
        String below = group.startsWith(mountedRoot) ? group.substring(mountedRoot.length()) : "";
        Path own = mountPoint.resolve(below.replaceFirst("^/+", "")).normalize();
        if (!own.startsWith(mountPoint) || !Files.isDirectory(own)) {
            own = mountPoint;
        }
        List<Path> groups = new ArrayList<>();
        for (Path path = own; path != null && path.startsWith(mountPoint); path = path.getParent()) {
            groups.add(path);
        }
        return groups;
    }
}
