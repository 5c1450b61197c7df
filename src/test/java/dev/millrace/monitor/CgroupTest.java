package dev.millrace.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    private Path proc(String mountInfo, String membership) throws IOException {
        Files.createDirectories(folder.resolve("proc/self"));
        Files.writeString(folder.resolve("proc/self/mountinfo"), mountInfo.replace("ROOT", folder.toString()));
        Files.writeString(folder.resolve("proc/self/cgroup"), membership);
        return folder.resolve("proc");
    }

    private void put(String file, String content) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    @Test
    void version2_limitOfAnAncestor_isFoundWithItsUsage() throws IOException {
        Path proc = proc(
                "30 23 0:26 / ROOT/fs rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
                "0::/user.slice/job.scope\n");
        put("fs/user.slice/job.scope/memory.max", "max\n");
        put("fs/user.slice/job.scope/cpu.max", "max 100000\n");
        put("fs/user.slice/memory.max", "2147483648\n");
        put("fs/user.slice/memory.current", "1500000000\n");
        put("fs/user.slice/memory.stat", "anon 1000\nfile 700000000\ninactive_file 500000000\n");
        put("fs/user.slice/cpu.max", "150000 100000\n");
        put("fs/user.slice/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");

        Cgroup limits = Cgroup.find(proc, 8, 16 * GIB);

        ProcReader files = new ProcReader(Path.of("/"));
        assertThat(limits.cpu().orElseThrow().cores()).isEqualTo(1.5);
        assertThat(limits.cpu().orElseThrow().usedNanos(files)).isEqualTo(2_500_000_000L);
        assertThat(limits.memory().orElseThrow().bytes()).isEqualTo(2 * GIB);
        assertThat(limits.memory().orElseThrow().usedBytes(files)).isEqualTo(1_000_000_000L);
    }

    @Test
    void version1_inAContainerThatSeesItsOwnPartOnly_isFound() throws IOException {
        Path proc = proc("""
                40 30 0:30 /docker/abc ROOT/fs/memory ro - cgroup cgroup rw,memory
                41 30 0:31 /docker/abc ROOT/fs/cpu ro - cgroup cgroup rw,cpu,cpuacct
                """, "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n");
        put("fs/memory/memory.limit_in_bytes", "1073741824\n");
        put("fs/memory/memory.usage_in_bytes", "600000000\n");
        put("fs/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100000000\n");
        put("fs/cpu/cpu.cfs_quota_us", "50000\n");
        put("fs/cpu/cpu.cfs_period_us", "100000\n");
        put("fs/cpu/cpuacct.usage", "123456789\n");

        Cgroup limits = Cgroup.find(proc, 4, 8 * GIB);

        ProcReader files = new ProcReader(Path.of("/"));
        assertThat(limits.cpu().orElseThrow().cores()).isEqualTo(0.5);
        assertThat(limits.cpu().orElseThrow().usedNanos(files)).isEqualTo(123_456_789L);
        assertThat(limits.memory().orElseThrow().usedBytes(files)).isEqualTo(500_000_000L);
    }

    @Test
    void limitsBeyondTheMachine_andNone_areNoLimits() throws IOException {
        Path proc = proc("""
                40 30 0:30 / ROOT/fs/memory ro - cgroup cgroup rw,memory
                41 30 0:31 / ROOT/fs/cpu ro - cgroup cgroup rw,cpu
                """, "5:memory:/\n4:cpu:/\n");
        put("fs/memory/memory.limit_in_bytes", "9223372036854771712\n");
        put("fs/cpu/cpu.cfs_quota_us", "-1\n");
        put("fs/cpu/cpu.cfs_period_us", "100000\n");

        assertThat(Cgroup.find(proc, 4, 8 * GIB)).isEqualTo(Cgroup.NONE);
        assertThat(Cgroup.find(folder.resolve("absent"), 4, 8 * GIB)).isEqualTo(Cgroup.NONE);
    }

    @Test
    void probes_ofALimitedGroup_countAgainstTheLimit() throws Exception {
        Path proc = proc("30 23 0:26 / ROOT/fs rw - cgroup2 cgroup2 rw\n", "0::/job\n");
        put("fs/job/memory.max", "1073741824\n");
        put("fs/job/memory.current", "536870912\n");
        put("fs/job/memory.stat", "inactive_file 0\n");
        put("fs/job/cpu.max", "100000 100000\n");
        put("fs/job/cpu.stat", "usage_usec 1000000\n");
        Cgroup limits = Cgroup.find(proc, 8, 16 * GIB);
        Recorded recorded = new Recorded();

        new MemoryProbe(new ProcReader(proc), limits).sample(recorded);
        CpuProbe cpu = new CpuProbe(new ProcReader(proc), limits);
        cpu.sample((type, name, unit, value) -> assertThat(value).isNaN());
        put("fs/job/cpu.stat", "usage_usec 999000000\n");
        cpu.sample(recorded);

        assertThat(recorded.of("ram/system_total")).containsExactly(50.0);
        assertThat(recorded.of("ram/system_used")).containsExactly(512.0);
        assertThat(recorded.of("cpu/system_total")).containsExactly(100.0);
    }
}
