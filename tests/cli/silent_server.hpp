#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace mlk::test {

/// A server that lets everybody in and never says a word.
class SilentServer {
 public:
  SilentServer() : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(m_fd, raw, length) != 0 || ::listen(m_fd, 64) != 0 || ::getsockname(m_fd, raw, &length) != 0) {
      throw std::runtime_error("no port to be had");
    }
    m_port = ntohs(address.sin_port);
  }
  ~SilentServer() {
    for (const int client : m_clients) ::close(client);
    ::close(m_fd);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  /// Until somebody has connected, and once more for each further call; false when nobody comes in half a minute.
  bool wait_for_client() const {
    pollfd listening{m_fd, POLLIN, 0};
    if (::poll(&listening, 1, 30'000) != 1) return false;
    m_clients.push_back(::accept4(m_fd, nullptr, nullptr, SOCK_CLOEXEC));
    return m_clients.back() >= 0;
  }

  /// A kubeconfig whose cluster it is; `user` is the YAML of the user's entry.
  std::string kubeconfig(const std::string& user = "{token: not-a-real-one}") const {
    return "apiVersion: v1\nkind: Config\ncurrent-context: silent\ncontexts:\n- name: silent\n"
           "  context: {cluster: silent, user: anna, namespace: nlp}\nclusters:\n- name: silent\n"
           "  cluster: {server: \"https://127.0.0.1:" +
           std::to_string(m_port) + "\"}\nusers:\n- name: anna\n  user: " + user + "\n";
  }

 private:
  int m_fd;
  int m_port = 0;
  mutable std::vector<int> m_clients;  // held open, and never read from
};

}  // namespace mlk::test
