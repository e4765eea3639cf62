#include "oracle_lemon.h"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <chrono>
#include <limits>

using lemon::SmartDigraph;
using Simplex = lemon::NetworkSimplex<SmartDigraph, int64_t, double>;

double lemon_transport(size_t n, const int64_t *supply, size_t m, const int64_t *demand,
                       const double *cost, double *seconds) {
    SmartDigraph graph;
    graph.reserveNode(int(n + m));
    graph.reserveArc(int(n * m));
    for (size_t k = 0; k < n + m; k++) graph.addNode();

    SmartDigraph::NodeMap<int64_t> mass(graph);
    int64_t total = 0;
    for (size_t i = 0; i < n; i++) mass[graph.nodeFromId(int(i))] = supply[i];
    for (size_t j = 0; j < m; j++) mass[graph.nodeFromId(int(n + j))] = -demand[j];
    for (size_t i = 0; i < n; i++) total += supply[i];

    SmartDigraph::ArcMap<double> length(graph);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            length[graph.addArc(graph.nodeFromId(int(i)), graph.nodeFromId(int(n + j)))] =
                cost[i * m + j];

    Simplex simplex(graph);
    simplex.supplyMap(mass).costMap(length);
    auto start = std::chrono::steady_clock::now();
    Simplex::ProblemType found = simplex.run();
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (seconds) *seconds = elapsed.count();
    if (found != Simplex::OPTIMAL) return std::numeric_limits<double>::quiet_NaN();

    long double value = 0;
    for (SmartDigraph::ArcIt arc(graph); arc != lemon::INVALID; ++arc)
        value += (long double)simplex.flow(arc) * length[arc];
    return double(value / total);
}
