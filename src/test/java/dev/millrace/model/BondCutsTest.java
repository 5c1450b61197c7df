package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BondCutsTest {
    @Test
    void of_chainWithARing_cutsTheChainOnly() {
        // 0 - 1 - 2, ring 2-3-4, and a lone pair 5 - 6 of another molecule.
        int[][] bonds = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 2}, {5, 6}};
        BondCuts cuts = cuts(bonds, 15, 14, 13, 13, 13, 17, 1);

        assertThat(cuts.rows()).containsExactly(0, 1, 2, 3, 10, 11);
        assertThat(cuts.masses()).containsExactly(15, 14 + 39, 15 + 14, 39, 17, 1);
    }

    @Test
    void of_noEdges_isEmpty() {
        BondCuts cuts = BondCuts.of(new long[0], 0, new double[] {16, 16});

        assertThat(cuts.rows()).isEmpty();
        assertThat(cuts.masses()).isEmpty();
    }

    @Test
    void of_edgeToAMissingNode_isRefused() {
        assertThatThrownBy(() -> BondCuts.of(new long[] {0, 2}, 1, new double[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0..1");
    }

    @Test
    void of_longChain_doesNotRecurse() {
        int nodes = 200_000;
        int[][] bonds = new int[nodes - 1][];
        for (int i = 0; i < bonds.length; i++) {
            bonds[i] = new int[] {i, i + 1};
        }
        double[] mass = new double[nodes];
        java.util.Arrays.fill(mass, 1);

        BondCuts cuts = cuts(bonds, mass);

        assertThat(cuts.rows()).hasSize(2 * (nodes - 1));
        assertThat(cuts.masses()[0]).isEqualTo(1);
        assertThat(cuts.masses()[2 * (nodes - 2)]).isEqualTo(nodes - 1);
    }

    @Test
    void of_randomGraphs_equalsRemovingEachBond() {
        Random random = new Random(11);
        for (int trial = 0; trial < 300; trial++) {
            int nodes = 1 + random.nextInt(12);
            List<int[]> bonds = new ArrayList<>();
            boolean[][] seen = new boolean[nodes][nodes];
            for (int i = random.nextInt(2 * nodes); i > 0; i--) {
                int a = random.nextInt(nodes);
                int b = random.nextInt(nodes);
                if (a != b && !seen[a][b]) {
                    seen[a][b] = true;
                    seen[b][a] = true;
                    bonds.add(new int[] {a, b});
                }
            }
            double[] mass = new double[nodes];
            for (int i = 0; i < nodes; i++) {
                mass[i] = 1 + random.nextInt(40);
            }
            check(bonds, mass, "trial " + trial);
        }
    }

    private static void check(List<int[]> bonds, double[] mass, String trial) {
        List<Integer> rows = new ArrayList<>();
        List<Double> masses = new ArrayList<>();
        for (int bond = 0; bond < bonds.size(); bond++) {
            for (int side = 0; side < 2; side++) {
                int source = bonds.get(bond)[side];
                int target = bonds.get(bond)[1 - side];
                boolean[] reached = new boolean[mass.length];
                double piece = reach(bonds, bond, source, reached, mass);
                if (!reached[target]) {
                    rows.add(2 * bond + side);
                    masses.add(piece);
                }
            }
        }
        BondCuts cuts = cuts(bonds.toArray(int[][]::new), mass);
        assertThat(cuts.rows()).as(trial).containsExactly(rows.toArray(Integer[]::new));
        assertThat(cuts.masses()).as(trial).containsExactly(masses.toArray(Double[]::new));
    }

    private static double reach(List<int[]> bonds, int without, int node, boolean[] reached, double[] mass) {
        reached[node] = true;
        double sum = mass[node];
        for (int bond = 0; bond < bonds.size(); bond++) {
            for (int side = 0; side < 2; side++) {
                int next = bonds.get(bond)[1 - side];
                if (bond != without && bonds.get(bond)[side] == node && !reached[next]) {
                    sum += reach(bonds, without, next, reached, mass);
                }
            }
        }
        return sum;
    }

    private static BondCuts cuts(int[][] bonds, double... mass) {
        int edgeCount = 2 * bonds.length;
        long[] edges = new long[2 * edgeCount];
        for (int i = 0; i < bonds.length; i++) {
            edges[2 * i] = edges[edgeCount + 2 * i + 1] = bonds[i][0];
            edges[2 * i + 1] = edges[edgeCount + 2 * i] = bonds[i][1];
        }
        return BondCuts.of(edges, edgeCount, mass);
    }
}
